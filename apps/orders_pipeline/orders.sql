-- The table that orders-pipeline writes: the latest event of each order, with its customer.
CREATE TABLE IF NOT EXISTS orders (
  order_id           text PRIMARY KEY,
  customer_id        text NOT NULL,
  event_type         text NOT NULL,
  status             text NOT NULL,
  total_amount       numeric(38, 2) NOT NULL,
  items              jsonb NOT NULL,
  updated_at         timestamptz NOT NULL,
  customer_name      text,
  customer_tier      text,
  customer_country   text,
  customer_blocked   boolean,
  enrichment         text NOT NULL,
  enrichment_problem text
);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id);
