"""How a memory stands, gathered as data and drawn as one page for a team."""
