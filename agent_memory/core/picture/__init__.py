"""A graph as a picture: DOT and Mermaid for other programs, SVG and HTML for people."""
