"""The mall's accounts: passwords, sessions, and the identity tokens that the event plane trusts."""
