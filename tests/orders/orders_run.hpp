#pragma once

#include "expected_orders.hpp"

#include "../support/job_process.hpp"
#include "../support/temporary_folder.hpp"

#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <pqxx/result>

namespace leat::testing {

/// Topics, a table, a customer service and a state directory of a test's own, and the runs of `orders-pipeline` between them.
class orders_run {
public:
  /// Settings of topics, by the end of their names: "orders", "metrics", "aggregates", "alerts".
  using topic_settings = std::map<std::string, std::map<std::string, std::string>>;

  explicit orders_run(orders::stub_manners service = {}, const topic_settings& settings = {});

  /// Puts events into the topic of orders.
  void feed(const std::vector<orders::generated_event>& events) const;

  /// Starts the program.
  std::unique_ptr<job_process> start(const std::vector<std::string>& more = {}) const;

  /// Runs it to the end of the topic, which must be a good one.
  job_summary finish(const std::vector<std::string>& more = {}) const;

  // What is there now, as committed, in the form of `expected_orders`:
  [[nodiscard]] std::vector<std::string> rows() const;
  [[nodiscard]] std::vector<std::string> metrics() const;
  [[nodiscard]] std::vector<std::string> aggregates() const;
  [[nodiscard]] std::vector<std::string> alerts() const;

  /// How much of it differs from what is expected; empty: nothing.
  [[nodiscard]] std::string wrong(const expected_orders& expected) const;

  /// What was fed.
  [[nodiscard]] std::vector<kafka_record> orders() const;

  /// The dead letters of a topic.
  [[nodiscard]] std::vector<kafka_record> letters(const std::string& topic = "orders") const;

  [[nodiscard]] std::int64_t row_count() const;

  /// The name of the table.
  [[nodiscard]] const std::string& table() const noexcept { return name_; }

  orders::customer_stub& service() noexcept { return service_; }

private:
  template <class T, class Line>
  [[nodiscard]] std::vector<std::string> lines_of(const std::string& topic, Line line) const;

  const std::string name_;
  const temporary_folder folder_;
  orders::customer_stub service_;
};

/// What a new connection to the tests' PostgreSQL says.
pqxx::result query(const std::string& sql);

/// So many events of a seed, none of them in the future.
[[nodiscard]] std::vector<orders::generated_event> make_orders(std::uint64_t seed, int count, double invalid = 0.05);

} // namespace leat::testing
