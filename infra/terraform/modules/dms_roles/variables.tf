# It takes nothing: DMS prescribes both names.
