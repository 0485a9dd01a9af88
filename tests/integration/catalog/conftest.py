import pytest

from marketday.catalog.editing import CatalogEditor
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.service import CatalogService
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id


@pytest.fixture
async def pool(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=4)
    try:
        yield pool
    finally:
        await pool.close()


@pytest.fixture
def store(pool):
    return PostgresProductStore(pool)


@pytest.fixture
def catalog(store):
    return CatalogService(store, new_id)


@pytest.fixture
def editor(store):
    return CatalogEditor(store, new_id)
