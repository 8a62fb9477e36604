#include <leat/apps/orders_pipeline/demo/tools.hpp>

#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>
#include <leat/apps/orders_pipeline/demo/order_generator.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/pipeline/process_signals.hpp>
#include <leat/pipeline/run.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace leat::embedded {
extern const embedded_file orders_pipeline;
extern const embedded_file orders_pipeline_tools;
} // namespace leat::embedded

namespace leat::orders {

namespace {

using steady = std::chrono::steady_clock;

constexpr int partitions = 4;
constexpr std::size_t shown_reasons = 5;

std::span<const embedded_file> defaults() {
  static const std::array files{embedded::orders_pipeline, embedded::orders_pipeline_tools};
  return files;
}

generator_options options_from(const settings& config, std::int64_t events) {
  generator_options o;
  o.seed = static_cast<std::uint64_t>(config.integer("generate.seed", 0, std::numeric_limits<std::int64_t>::max()));
  o.customers = static_cast<std::uint64_t>(config.integer("generate.customers", 1, 100'000'000));
  o.invalid = config.number("generate.invalid") / 100;
  o.step = config.span("generate.step");
  const auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  o.begin = now - o.step * events; // none is in the future
  return o;
}

void create_topics(const settings& config) {
  kafka_admin admin{kafka_brokers(config), given_properties(config)};
  for (const auto* topic : {"topics.input", "topics.metrics", "topics.aggregates", "topics.alerts"})
    if (const auto name = config.text(topic); !admin.partitions(name))
      admin.create_topic({name, partitions, -1, {}});
}

int generate(const launch& start) {
  const auto& config = start.config;
  const auto events = config.integer("generate.events", 1, 1'000'000'000);
  const auto rate = config.integer("generate.rate", 0, 10'000'000);
  const auto topic = config.text("topics.input");
  order_generator orders{options_from(config, events)};
  if (config.boolean("generate.create-topics"))
    create_topics(config);
  kafka_feeder feeder{kafka_brokers(config), given_properties(config)};
  const process_signals signals{[] {}};
  const auto began = steady::now();
  std::int64_t sent = 0, wrong = 0, created = 0;
  for (; sent < events && !signals.received(); ++sent) {
    if (rate > 0)
      std::this_thread::sleep_until(began + std::chrono::microseconds{sent * 1'000'000 / rate});
    const auto e = orders.next();
    wrong += e.valid ? 0 : 1;
    created += e.valid && e.valid->event_type == event_kind::order_created ? 1 : 0;
    feeder.send(topic, e.key, e.payload);
  }
  feeder.flush();
  const auto took = std::chrono::duration<double>(steady::now() - began).count();
  fmt::print("{} events of {} orders to topic {}, {} of them wrong, in {:.1f} s\n", sent, created, topic, wrong, took);
  return exit_done;
}

int serve_customers(const launch& start) {
  const auto& config = start.config;
  const customer_stub stub{
    {config.span("stub.delay"), config.number("stub.failures") / 100},
    static_cast<int>(config.integer("stub.port", 0, 65'535))};
  fmt::print("customers at {}/customers/ID, until Ctrl-C\n", stub.url());
  std::fflush(stdout);
  std::promise<void> stop;
  const process_signals signals{[&] { stop.set_value(); }};
  stop.get_future().wait();
  return exit_done;
}

/// How often each text occurs, the most frequent first.
std::vector<std::pair<std::size_t, std::string>> counted(const std::vector<std::string>& texts) {
  std::map<std::string, std::size_t> by_text;
  for (const auto& t : texts)
    ++by_text[t];
  std::vector<std::pair<std::size_t, std::string>> all;
  for (const auto& [text, count] : by_text)
    all.emplace_back(count, text);
  std::ranges::sort(all, std::greater{});
  return all;
}

int report(const launch& start) {
  const auto& config = start.config;
  const auto brokers = kafka_brokers(config);
  kafka_admin admin{brokers, given_properties(config)};
  for (const auto* setting : {"topics.metrics", "topics.aggregates"})
    fmt::print("{:8} records in topic {}\n", read_topic(brokers, config.text(setting)).size(), config.text(setting));

  const auto alerts = config.text("topics.alerts");
  const auto decoder = json.make_decoder(schema_of<order_alert>());
  std::vector<std::string> rules, reasons;
  for (const auto& r : read_topic(brokers, alerts)) {
    const raw_record raw{.key = {}, .payload = r.payload};
    order_alert alert;
    std::vector<rejection> rejected;
    rules.push_back(decoder->decode({&raw, 1}, &alert, sizeof(alert), rejected) == 1 ? alert.rule : "unreadable");
  }
  fmt::print("{:8} records in topic {}\n", rules.size(), alerts);
  for (const auto& [count, rule] : counted(rules))
    fmt::print("{:16} {}\n", count, rule);

  const auto letters = config.text("topics.input") + "-dlq";
  if (!admin.partitions(letters))
    return exit_done;
  for (const auto& r : read_topic(brokers, letters))
    reasons.push_back(r.headers.at("leat.reason"));
  fmt::print("{:8} dead letters in topic {}, such as\n", reasons.size(), letters);
  const auto all = counted(reasons);
  for (std::size_t i = 0; i < std::min(all.size(), shown_reasons); ++i)
    fmt::print("{:16} {}\n", all[i].first, all[i].second);
  return exit_done;
}

int run_tool(const command_line_parser& parser, int argc, char** argv, int (*body)(const launch&)) {
  const auto start = start_up(parser, defaults(), argc, argv);
  if (start.exit)
    return *start.exit;
  return exit_code_of([&] { return body(start); });
}

} // namespace

int generate_main(int argc, char** argv) {
  command_line_parser parser{
    "orders-pipeline generate", "Puts generated orders into the topic of orders, some of them wrong."};
  parser.shorthand("--events", "N", "generate.events", "How many");
  parser.shorthand("--rate", "N", "generate.rate", "Events per second, at most; 0: as fast as they are taken");
  parser.shorthand("--seed", "N", "generate.seed", "The same seed makes the same events");
  parser.shorthand("--invalid", "PERCENT", "generate.invalid", "How many of them are wrong");
  return run_tool(parser, argc, argv, &generate);
}

int report_main(int argc, char** argv) {
  const command_line_parser parser{"orders-pipeline report", "Counts what orders-pipeline has written to its topics."};
  return run_tool(parser, argc, argv, &report);
}

int customers_main(int argc, char** argv) {
  command_line_parser parser{"orders-pipeline customers", "Stands for the customer service, on loopback, until Ctrl-C."};
  parser.shorthand("--port", "N", "stub.port", "The port; 0: a free one");
  parser.shorthand("--delay", "TIME", "stub.delay", "How long each answer takes");
  parser.shorthand("--failures", "PERCENT", "stub.failures", "How many requests are refused");
  return run_tool(parser, argc, argv, &serve_customers);
}

} // namespace leat::orders
