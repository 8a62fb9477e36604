#include <leat/apps/orders_pipeline/customer_lookup.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <span>
#include <vector>

namespace leat::orders {

namespace {

constexpr int not_found = 404;

http_options options_from(const settings& config) {
  http_options o;
  o.timeout = config.span("customers.timeout");
  o.connect_timeout = std::min(o.connect_timeout, o.timeout);
  o.connections = static_cast<std::size_t>(config.integer("customers.connections", 1, 1'000));
  o.ca_file = config.text("customers.ca-file");
  if (!o.ca_file.empty() && !std::ifstream{o.ca_file})
    refuse_setting("customers.ca-file", config.at("customers.ca-file"), "the file cannot be read: " + o.ca_file);
  return o;
}

lookup_options cache_from(const settings& config) {
  lookup_options o;
  o.capacity = static_cast<std::size_t>(config.integer("customers.cache.customers", 1, 100'000'000));
  o.fresh_for = config.span("customers.cache.fresh-for");
  o.absent_for = config.span("customers.cache.absent-for");
  o.stale_for = config.span("customers.cache.stale-for");
  o.breaker.calls = static_cast<std::size_t>(config.integer("customers.breaker.calls", 1, 100'000));
  o.breaker.failures = config.number("customers.breaker.failures") / 100;
  o.breaker.open_for = config.span("customers.breaker.open-for");
  return o;
}

void log_breaker(circuit_breaker::state now, const std::string& why) {
  if (now == circuit_breaker::state::open)
    spdlog::warn("the customer service fails too often, and is left alone for a while: {}", why);
  else
    spdlog::info("the customer service answers again");
}

/// Whether asking again may bring another answer: RFC 9110's and RFC 6585's codes for a server that cannot now.
bool is_passing(int status) { return status == 408 || status == 429 || status >= 500; }

enriched_order without_customer(const order_event& o, enrichment_state why, std::string problem) {
  enriched_order e;
  e.order_id = o.order_id;
  e.customer_id = o.customer_id;
  e.event_type = o.event_type;
  e.status = o.status;
  e.total_amount = o.total_amount;
  e.items = o.items;
  e.updated_at = o.timestamp;
  e.enrichment = why;
  e.enrichment_problem = std::move(problem);
  return e;
}

void answer(const order_event& o, const customer_lookup::result& found, const async_result<enriched_order>& result) {
  if (!found.failure.empty())
    return result.fail(found.failure);
  if (!found.value)
    return result.complete(without_customer(o, enrichment_state::unknown_customer, found.absence));
  auto e = without_customer(o, enrichment_state::enriched, {});
  e.enrichment_problem.reset();
  e.customer_name = found.value->name;
  e.customer_tier = found.value->tier;
  e.customer_country = found.value->country;
  e.customer_blocked = found.value->blocked;
  result.complete(std::move(e));
}

} // namespace

customer_lookup::customer_lookup(const settings& config)
  : url_{config.text("customers.url")}, decoder_{json.make_decoder(schema_of<customer>())}, client_{
                                                                                              std::make_unique<http_client>(
                                                                                                options_from(config))} {
  cache_ = std::make_shared<cached_lookup<std::string, customer>>(
    cache_from(config),
    [this](const std::string& id, const auto& then) {
      client_->send(
        {.url = url_ + "/customers/" + http_escape(id)}, [this, then](const http_response& r) { then(read(r)); });
    },
    &log_breaker);
}

void customer_lookup::find(const std::string& customer_id, cached_lookup<std::string, customer>::answer then) const {
  cache_->find(customer_id, std::move(then));
}

/// What asking again would not change is no failure: the customers of others are not kept waiting for it.
customer_lookup::result customer_lookup::read(const http_response& r) const {
  if (!r.answered())
    return result::failed("the customer service does not answer: " + r.failure);
  if (r.status == not_found)
    return result::absent("the customer service does not know this customer");
  if (!r.succeeded()) {
    const auto said = fmt::format("the customer service says {}: {}", r.status, excerpt(r.body));
    return is_passing(r.status) ? result::failed(said) : result::absent(said);
  }
  const raw_record raw{.key = {}, .payload = r.body};
  customer c;
  std::vector<rejection> rejected;
  const std::lock_guard lock{decoding_};
  if (decoder_->decode({&raw, 1}, &c, sizeof(c), rejected) == 1)
    return result::of(std::move(c));
  return result::absent("the customer service answers what is no customer: " + rejected.front().reason);
}

void enrich::operator()(const order_event& o, async_result<enriched_order> result) const {
  if (const auto known = customers_->known(o.customer_id))
    return answer(o, *known, result);
  customers_->find(
    o.customer_id, [o, result = std::move(result)](const customer_lookup::result& found) { answer(o, found, result); });
}

void enrich::failed(const order_event& o, const std::string& reason, collector<enriched_order>& out) const {
  out.push(without_customer(o, enrichment_state::not_asked, reason));
}

async_options enrichment_calls(const settings& config) {
  async_options calls;
  calls.capacity = static_cast<std::size_t>(config.integer("customers.at-a-time", 1, 1'000'000));
  calls.ordered = true; // two events of one order stay in order
  calls.retries.first_delay = config.span("customers.retry-after");
  calls.timeout = duration::max();
  const bool waits = config.text("customers.when-down") == "wait";
  calls.retries.attempts = waits ? std::numeric_limits<std::uint32_t>::max()
                                 : static_cast<std::uint32_t>(config.integer("customers.attempts", 1, 1'000));
  return calls;
}

} // namespace leat::orders
