-- Who may look at the console; browsers that signed in before; one form of an e-mail address.

ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_role_check CHECK (role IN ('shopper', 'viewer', 'admin'));

UPDATE accounts SET email = lower(email) WHERE email <> lower(email);

-- A browser that signed in to an account before is known by the SHA-256 of its cookie. Its failed sign-ins are counted
-- apart, so that nobody who guesses elsewhere can keep an account's owner out.
CREATE TABLE known_browsers (
    token_sha256 bytea PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    used_at      timestamptz NOT NULL
);
CREATE INDEX known_browsers_account_idx ON known_browsers (account_id);
CREATE INDEX known_browsers_used_idx ON known_browsers (used_at);
