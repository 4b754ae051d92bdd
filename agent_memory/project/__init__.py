"""Effects around a memory: projects, scopes, agent definitions, settings."""
