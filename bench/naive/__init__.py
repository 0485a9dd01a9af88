"""An ordinary shop, written as most are: FastAPI, asyncpg, one transaction for each step, a row lock on the stock."""
