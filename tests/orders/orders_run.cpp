#include "orders_run.hpp"

#include "../e2e/difference.hpp"
#include "../support/servers/kafka_server.hpp"
#include "../support/servers/postgres_server.hpp"

#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

#include <pqxx/pqxx>

namespace leat::testing {

using namespace orders;

namespace {

constexpr int partitions = 4;

std::string fresh_name() {
  static std::atomic<int> number = 0;
  return fmt::format("shop_{}_{}", getpid(), ++number);
}

std::string sql_of_the_table(const std::string& table) {
  std::ifstream file{std::string{LEAT_SOURCE_ROOT} + "/apps/orders_pipeline/orders.sql"};
  std::stringstream text;
  text << file.rdbuf();
  auto sql = text.str();
  for (const std::string& name :
       {std::string{"EXISTS orders "}, std::string{"EXISTS orders_by"}, std::string{"ON orders "}}) {
    const auto at = sql.find(name);
    if (at == std::string::npos)
      throw std::runtime_error{"orders.sql has no \"" + name + "\""};
    sql.replace(at + name.find("orders"), 6, table);
  }
  return sql;
}

} // namespace

pqxx::result query(const std::string& sql) {
  pqxx::connection connection{postgres_server::shared().connection()};
  pqxx::nontransaction through{connection};
  return through.exec(sql);
}

orders_run::orders_run(stub_manners service, const topic_settings& settings) : name_{fresh_name()}, service_{service} {
  kafka_admin admin{kafka_server::shared().brokers()};
  for (const auto* topic : {"orders", "metrics", "aggregates", "alerts"}) {
    const auto own = settings.find(topic);
    admin.create_topic(
      {fmt::format("{}.{}", name_, topic), partitions, -1,
       own == settings.end() ? std::map<std::string, std::string>{} : own->second});
  }
  query(sql_of_the_table(name_));
}

void orders_run::feed(const std::vector<generated_event>& events) const {
  kafka_feeder feeder{kafka_server::shared().brokers(), {{"message.max.bytes", "20000000"}}};
  for (const auto& e : events)
    feeder.send(name_ + ".orders", e.key, e.payload);
  feeder.flush();
}

std::unique_ptr<job_process> orders_run::start(const std::vector<std::string>& more) const {
  const std::map<std::string, std::string> settings{
    {"topics.input", name_ + ".orders"},
    {"topics.metrics", name_ + ".metrics"},
    {"topics.aggregates", name_ + ".aggregates"},
    {"topics.alerts", name_ + ".alerts"},
    {"orders.table", name_},
    {"postgres.connection", postgres_server::shared().connection()},
    {"customers.url", service_.url()},
    {"checkpoints.directory", folder_.path("state")},
    {"checkpoints.interval", "100ms"},
    {"time.idle-timeout", "10min"},
    {"progress", "never"}};
  std::vector<std::string> arguments{"--brokers", kafka_server::shared().brokers()};
  for (const auto& [key, value] : settings)
    arguments.insert(arguments.end(), {"--set", fmt::format("{}={}", key, value)});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return std::make_unique<job_process>(LEAT_ORDERS_PIPELINE, arguments);
}

job_summary orders_run::finish(const std::vector<std::string>& more) const {
  auto arguments = more;
  arguments.emplace_back("--bounded");
  const auto job = start(arguments);
  if (const auto code = job->wait_exit(std::chrono::minutes{3}); code != 0)
    throw std::runtime_error{"exit code " + std::to_string(code) + ":\n" + job->log()};
  return job->summary();
}

std::vector<std::string> orders_run::rows() const {
  std::vector<std::string> all;
  for (const auto& r : query(fmt::format(
         "SELECT order_id, customer_id, event_type, status, (total_amount * 100)::bigint, jsonb_array_length(items), "
         "(extract(epoch FROM updated_at) * 1000)::bigint, coalesce(customer_name, 'unknown') FROM {}",
         name_)))
    all.push_back(fmt::format(
      "{} {} {} {} {} {} items {} {}", r[0].c_str(), r[1].c_str(), r[2].c_str(), r[3].c_str(), r[4].c_str(), r[5].c_str(),
      r[6].c_str(), r[7].c_str()));
  std::ranges::sort(all);
  return all;
}

template <class T, class Line>
std::vector<std::string> orders_run::lines_of(const std::string& topic, Line line) const {
  const auto decoder = json.make_decoder(schema_of<T>());
  std::vector<std::string> all;
  for (const auto& r : read_topic(kafka_server::shared().brokers(), name_ + "." + topic)) {
    const raw_record raw{.key = {}, .payload = r.payload};
    T record;
    std::vector<rejection> rejected;
    if (decoder->decode({&raw, 1}, &record, sizeof(record), rejected) == 0)
      throw std::runtime_error{"in topic " + topic + ": " + rejected.front().reason};
    all.push_back(line(record));
  }
  std::ranges::sort(all);
  return all;
}

std::vector<std::string> orders_run::metrics() const {
  return lines_of<customer_metrics>("metrics", [](const customer_metrics& m) {
    const auto average = static_cast<std::int64_t>((m.average * decimal{100}).round(2).unscaled());
    return fmt::format(
      "{} {} to {}: {} orders, {} in all, {} at most, {} on average", m.customer_id, to_millis(m.window_start),
      to_millis(m.window_end), m.orders, in_cents(m.total), in_cents(m.largest), average);
  });
}

std::vector<std::string> orders_run::aggregates() const {
  return lines_of<high_value_total>("aggregates", [](const high_value_total& t) {
    return fmt::format(
      "{} {} to {}: {} orders, {} in all", t.customer_id, to_millis(t.window_start), to_millis(t.window_end), t.orders,
      in_cents(t.total));
  });
}

std::vector<std::string> orders_run::alerts() const {
  return lines_of<order_alert>("alerts", [](const order_alert& a) {
    return fmt::format("{} {} {}", a.rule, a.customer_id, a.order_id ? *a.order_id : std::to_string(to_millis(a.at)));
  });
}

std::string orders_run::wrong(const expected_orders& expected) const {
  std::string all;
  const auto compare =
    [&](const char* what, const std::vector<std::string>& found, const std::vector<std::string>& wanted) {
      if (const auto text = difference(found, wanted); !text.empty())
        all += fmt::format("{}: {}", what, text);
    };
  compare("rows", rows(), expected.rows);
  compare("metrics", metrics(), expected.metrics);
  compare("aggregates", aggregates(), expected.aggregates);
  compare("alerts", alerts(), expected.alerts);
  return all;
}

std::vector<kafka_record> orders_run::orders() const {
  return read_topic(kafka_server::shared().brokers(), name_ + ".orders");
}

std::vector<kafka_record> orders_run::letters(const std::string& topic) const {
  return read_topic(kafka_server::shared().brokers(), fmt::format("{}.{}-dlq", name_, topic));
}

std::int64_t orders_run::row_count() const { return query("SELECT count(*) FROM " + name_)[0][0].as<std::int64_t>(); }

std::vector<generated_event> make_orders(std::uint64_t seed, int count, double invalid) {
  generator_options options{.seed = seed, .invalid = invalid};
  const auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  options.begin = now - count * options.step;
  order_generator all{options};
  std::vector<generated_event> events;
  for (int i = 0; i < count; ++i)
    events.push_back(all.next());
  return events;
}

} // namespace leat::testing
