#pragma once

#include "../support/saved_epochs.hpp"
#include "../support/servers/postgres_server.hpp"
#include "../support/wake_up.hpp"

#include <leat/base/settings.hpp>
#include <leat/connectors/postgres.hpp>

#include <pqxx/pqxx>

#include <boost/describe.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat::testing {

enum class order_status { open, paid, cancelled };
BOOST_DESCRIBE_ENUM(order_status, open, paid, cancelled)

struct order_item {
  std::string sku;
  std::int32_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(order_item, (), (sku, quantity))

/// A field of each kind that PostgreSQL takes in its own way.
struct order {
  std::string order_id;
  std::int64_t version = 0;
  decimal total;
  std::optional<std::string> note;
  order_status status = order_status::open;
  std::vector<order_item> items;
  timestamp ordered{};
  double weight = 0;
  bool gift = false;
};
BOOST_DESCRIBE_STRUCT(order, (), (order_id, version, total, note, status, items, ordered, weight, gift))

inline order order_of(std::string id, std::int64_t version = 1, std::string_view total = "12.50") {
  order made;
  made.order_id = std::move(id);
  made.version = version;
  made.total = decimal{total};
  made.items = {{"pen", 2}};
  made.ordered = from_millis(1'700'000'000'123);
  made.weight = 0.25;
  return made;
}

/// What a job would give a sink. Copies share it, but for the names.
struct pg_job {
  explicit pg_job(const std::string& connection, const std::string& job = "shop");

  void set(const std::string& key, const std::string& value);

  std::shared_ptr<settings> config = std::make_shared<settings>();
  std::shared_ptr<metrics> counters = std::make_shared<metrics>();
  connector_context context;
};

/// A table of its own on the shared server, and what is in it.
class test_table {
public:
  /// @param columns of CREATE TABLE; empty: none is made.
  explicit test_table(const std::string& columns = "");

  /// Rows of a query, columns with a space between; NULL as such. `{}` stands for the table.
  [[nodiscard]] std::vector<std::string>
  rows(std::string query = "SELECT order_id, version, total FROM {} ORDER BY 1") const;

  void execute(const std::string& sql) const;

  /// Reasons in `leat_dead_letters` for rows of this table, and what was to be written.
  [[nodiscard]] std::vector<std::string> letters() const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
};

/// A sink's writers, driven as actors would.
class sink_under_test {
public:
  /// @param passes is told of each point of transactions, on the sink's threads.
  sink_under_test(const postgres::sink_spec<order>& of, pg_job with, const std::function<void(pg_point)>& passes = {});

  /// At least once: writes the records and waits until they are delivered.
  void write(std::vector<order> records);

  /// Exactly once: goes on from what is saved, and waits until that is done.
  void restore(const saved_epochs& from, std::uint32_t instance = 0, std::uint32_t parallelism = 1);
  void log(std::vector<order> records);

  /// Without waiting for room. @returns how many were not taken.
  [[nodiscard]] std::size_t try_log(std::vector<order> records);

  /// One whole epoch: its records, its barrier, its checkpoint, its transaction.
  void epoch(std::uint64_t number, std::vector<order> records, saved_epochs& store);
  void wait_committed(std::uint64_t epoch);

  const pg_job job;
  std::shared_ptr<leat::sink> sink;
  wake_up wake;
  std::unique_ptr<sink_writer> writer;
  std::unique_ptr<transactional_writer> transactional;
};

using strings = std::vector<std::string>;

} // namespace leat::testing
