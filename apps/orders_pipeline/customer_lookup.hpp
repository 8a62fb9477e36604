#pragma once

#include <leat/apps/orders_pipeline/records.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/http/http_client.hpp>
#include <leat/connectors/lookups/cached_lookup.hpp>
#include <leat/operators/async/async_options.hpp>
#include <leat/operators/async/async_result.hpp>
#include <leat/operators/collector.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace leat::orders {

/// Asks the customer service, `GET URL/customers/ID`, through a cache and a circuit breaker. Shared by all actors; any thread.
class customer_lookup {
public:
  using result = lookup_result<customer>;

  /// @param config of the settings `customers.*`. @throws config_error when a file of theirs cannot be read.
  explicit customer_lookup(const settings& config);

  /// The customer, or that there is none, if that was found out a short while ago.
  [[nodiscard]] std::optional<result> known(const std::string& customer_id) const { return cache_->known(customer_id); }

  /// Tells `then` the customer; one that the service does not know is absent, not failed.
  void find(const std::string& customer_id, cached_lookup<std::string, customer>::answer then) const;

  [[nodiscard]] cached_lookup<std::string, customer>::counts counted() const { return cache_->counted(); }

private:
  [[nodiscard]] result read(const http_response& r) const;

  const std::string url_;
  const std::unique_ptr<decoder> decoder_;
  mutable std::mutex decoding_; // guards decoder_
  std::shared_ptr<cached_lookup<std::string, customer>> cache_;
  std::unique_ptr<http_client> client_; // the last: its answers use the others
};

/// What `.async(…)` calls to put the customer to an order.
class enrich {
public:
  explicit enrich(std::shared_ptr<const customer_lookup> customers) : customers_{std::move(customers)} {}

  void operator()(const order_event& o, async_result<enriched_order> result) const;

  /// No attempt has succeeded: it goes on without a customer, and says so.
  void failed(const order_event& o, const std::string& reason, collector<enriched_order>& out) const;

private:
  std::shared_ptr<const customer_lookup> customers_;
};

/// How the step asks, by the settings `customers.*`; while the service is down it waits, or gives up after some attempts.
[[nodiscard]] async_options enrichment_calls(const settings& config);

} // namespace leat::orders
