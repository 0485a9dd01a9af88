-- An order whose money the gateway does not have: it was voided, refunded, or has expired there before the drop recorded that
-- it was taken. The payment cannot become captured any more, so its order is taken back, and its units are free.

-- Take back the order of an authorised payment: `wanted` is refunded or voided, and `because` says why. The units and what
-- the person has taken are given back; the reservation stays confirmed, and the order stays, as refunded. Returns whether
-- this call did so; repeating it changes nothing. Locks: stock, then reservations, then payments, as everywhere.
CREATE FUNCTION take_back_order(paid uuid, wanted text, because text) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    mine reservations;
BEGIN
    SELECT reservations.* INTO mine
    FROM payments JOIN reservations ON reservations.id = payments.reservation_id WHERE payments.id = paid;
    IF mine.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM lock_stock(ARRAY[mine.drop_slug], ARRAY[mine.sku]);
    PERFORM 1 FROM reservations WHERE id = mine.id FOR NO KEY UPDATE;
    UPDATE payments SET state = wanted, reason = because, updated_at = clock_timestamp()
    WHERE id = paid AND state = 'authorised' AND order_id IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE orders SET state = 'refunded' WHERE id = paid;
    UPDATE allowances SET taken = taken - mine.quantity
    WHERE person_id = mine.person_id AND drop_slug = mine.drop_slug AND sku = mine.sku;
    INSERT INTO outbox (drop_slug, kind, people) VALUES (mine.drop_slug, 'order.refunded', ARRAY[mine.person_id]);
    -- Last, because the trigger on the stock offers the units to those who wait, perhaps to the same person.
    UPDATE stock SET sold = stock.sold - mine.quantity
    WHERE stock.drop_slug = mine.drop_slug AND stock.sku = mine.sku;
    RETURN true;
END $$;
