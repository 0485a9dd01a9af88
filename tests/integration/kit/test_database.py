from marketday.kit.database import connect, create_pool


async def test_jsonb_is_a_python_value_on_every_connection(mall_database_url):
    value = {"ko": "새벽", "n": [1, 2.5, None, True]}
    async with await create_pool(mall_database_url, max_size=2) as pool:
        assert await pool.fetchval("SELECT $1::jsonb", value) == value


async def test_a_connection_tells_who_it_is_and_speaks_utc(mall_database_url):
    connection = await connect(mall_database_url, application="tea-test")
    try:
        assert await connection.fetchval("SHOW application_name") == "tea-test"
        assert await connection.fetchval("SHOW timezone") == "UTC"
    finally:
        await connection.close()
