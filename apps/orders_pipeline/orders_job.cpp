#include <leat/apps/orders_pipeline/orders_job.hpp>

#include <leat/apps/orders_pipeline/order_check.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/postgres.hpp>

#include <fmt/format.h>

namespace leat::orders {

namespace {

struct order_count {
  std::string customer_id;
  leat::timestamp window_start, window_end;
  std::int64_t orders = 0;
};
BOOST_DESCRIBE_STRUCT(order_count, (), (customer_id, window_start, window_end, orders))

/// One without a time is refused, and its time does not matter.
timestamp time_of(const received_event& e) { return e.timestamp.value_or(timestamp{}); }

bool is_created(const order_event& o) { return o.event_type == event_kind::order_created; }

stream<customer_metrics> measure(const stream<order_event>& created) {
  return created.key_by(&order_event::customer_id)
    .window(sliding(1h, 5min))
    .aggregate<customer_metrics>(
      key, window_start, window_end, count, sum(&order_event::total_amount), avg(&order_event::total_amount),
      max(&order_event::total_amount))
    .named("metrics")
    .uid("metrics");
}

stream<high_value_total> add_up_high_values(const stream<order_event>& created, const decimal& above) {
  return created.filter([above](const order_event& o) { return o.total_amount > above; })
    .key_by(&order_event::customer_id)
    .window(tumbling(5min))
    .aggregate<high_value_total>(key, window_start, window_end, count, sum(&order_event::total_amount))
    .named("high-values")
    .uid("high-values");
}

/// What a single order gives reason for.
stream<order_alert> watch_orders(const stream<enriched_order>& all, const decimal& large) {
  return all
    .flat_map<order_alert>([large](const enriched_order& o, collector<order_alert>& out) {
      if (o.event_type != event_kind::order_created)
        return;
      const auto alert = [&](const char* rule, std::string detail) {
        out.push(order_alert{rule, o.customer_id, o.order_id, o.updated_at, std::move(detail)});
      };
      if (o.total_amount >= large)
        alert("large-order", fmt::format("{}, {} or more", to_string(o.total_amount), to_string(large)));
      if (o.customer_blocked.value_or(false))
        alert("blocked-customer", fmt::format("{} is blocked", *o.customer_name));
      else if (o.enrichment == enrichment_state::unknown_customer)
        alert("unknown-customer", o.enrichment_problem.value_or(""));
    })
    .named("watch");
}

/// A customer with more orders within five minutes than is usual.
stream<order_alert> watch_counts(const stream<order_event>& created, std::int64_t most) {
  return created.key_by(&order_event::customer_id)
    .window(tumbling(5min))
    .aggregate<order_count>(key, window_start, window_end, count)
    .named("counts")
    .uid("counts")
    .filter([most](const order_count& c) { return c.orders > most; })
    .map([most](const order_count& c) {
      return order_alert{
        "many-orders", c.customer_id, std::nullopt, c.window_end,
        fmt::format("{} orders within 5 minutes, more than {}", c.orders, most)};
    });
}

decimal amount_from(const settings& config, std::string_view key) {
  decimal amount;
  if (decimal::parse(config.text(key), amount) != decimal_outcome::ok)
    refuse_setting(key, config.at(key), fmt::format("\"{}\" is no amount such as 99.50", config.text(key)));
  return amount;
}

} // namespace

job orders_job(const settings& config, std::shared_ptr<const customer_lookup> customers) {
  job orders{"orders-pipeline"};
  const bool once = !config.text("checkpoints.directory").empty();
  const auto to_topic = [&]<class T>(const char* topic, std::string T::*key) {
    return kafka::sink<T>(config.text(topic), json).key(key).exactly_once(once);
  };

  const auto valid = orders
                       .source(kafka::source<received_event>(config.text("topics.input"), json)
                                 .event_time(&time_of, late_by(config.span("time.out-of-orderness"))))
                       .validate([](const received_event& e, objections& against) {
                         check_event(e, [&](std::string reason) { against.add(std::move(reason)); });
                       })
                       .named("check")
                       .map(&checked)
                       .named("checked");

  const auto enriched =
    valid.async<enriched_order>(enrich{std::move(customers)}, enrichment_calls(config)).named("enrich").uid("enrich");
  enriched.key_by(&enriched_order::order_id)
    .sink(postgres::sink<enriched_order>(config.text("orders.table"))
            .upsert(&enriched_order::order_id)
            .newer_by(&enriched_order::updated_at)
            .exactly_once(once));

  const auto created = valid.filter(&is_created).named("created");
  measure(created).sink(to_topic("topics.metrics", &customer_metrics::customer_id));
  add_up_high_values(created, amount_from(config, "rules.high-value"))
    .sink(to_topic("topics.aggregates", &high_value_total::customer_id));
  watch_orders(enriched, amount_from(config, "rules.large-order"))
    .merge(watch_counts(created, config.integer("rules.most-orders", 1, 1'000'000)))
    .sink(to_topic("topics.alerts", &order_alert::customer_id));
  return orders;
}

} // namespace leat::orders
