# The stack's variables (links to its files). A mocked provider does not support ephemeral resources, which make the database's
# password, so the whole stack is applied to the emulated AWS instead, and its modules are tested one by one.
