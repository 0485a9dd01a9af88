# The stack's variables, and what is made of them alone (links to its files): a mocked provider knows no ephemeral resources, of which the
# stack's passwords are made, so the stack as a whole is applied to the emulated AWS instead.
