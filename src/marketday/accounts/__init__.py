"""People of the mall: accounts, passwords, sessions, and the identity tokens that the event plane trusts."""
