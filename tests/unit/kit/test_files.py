from marketday.kit.files import examples_folder, sql_folder


def test_the_projects_own_files_are_found():
    assert list(sql_folder("mall").glob("*.sql"))
    assert list(sql_folder("drop").glob("*.sql"))
    assert list((examples_folder() / "drops").glob("*.toml"))
