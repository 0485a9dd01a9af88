"""Configuration and pages of nginx, as templates; `nginx.py` fills them in."""
