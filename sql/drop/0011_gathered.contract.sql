-- What only the version before 0009 used: a decision about one payment at a time, and about reservations without sets.
DROP FUNCTION reserve;
DROP FUNCTION requested;
DROP FUNCTION write_reservations;
-- The key of a reservation begins with its person too, so it finds what a person holds.
DROP INDEX reservations_person_idx;
DROP FUNCTION begin_payment;
DROP FUNCTION confirm_reservation;
