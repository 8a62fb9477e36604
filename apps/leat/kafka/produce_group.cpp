#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/kafka/kafka_options.hpp>
#include <leat/apps/leat/kafka/produce.hpp>
#include <leat/apps/leat/leat_command.hpp>

#include <array>

namespace leat::cli {

namespace {

constexpr command_option format{
  "--format", "text|json|csv",
  "What lines are; default text, or json with --key-field. Of CSV the first names the columns."};
constexpr command_option key_field{"--key-field", "NAME", "The member of JSON, or the column of CSV, that is the key."};
constexpr command_option key_separator{"--key-separator", "TEXT", "Text: the key stands before the first of these."};
constexpr command_option null_text{
  "--null", "TEXT", "A key, or the value of text, that is this is null; a null value is a tombstone."};
constexpr command_option header{"--header", "NAME=VALUE", "A header of each record; may be repeated.", true};
constexpr command_option partition_number{"--partition", "N", "Into this partition; default by the key."};
constexpr command_option rate{"--rate", "N", "Records a second, evenly; default as quickly as they are taken."};
constexpr command_option compression{"--compression", "none|gzip|snappy|lz4|zstd", "Default none."};
constexpr command_option acks{
  "--acks", "0|1|all", "Who has a record before it counts as sent: nobody, the leader, all replicas in sync (default)."};
constexpr command_option no_idempotence{
  "--no-idempotence", "",
  "A record that is sent again, as the answer was lost, may be there twice; so it is with --acks 0 and 1."};

/// @throws config_error when the value is none of `allowed`.
std::optional<std::string>
one_of(const invocation& i, const command_option& option, std::initializer_list<std::string_view> allowed) {
  auto given = i.text(option);
  if (given && std::ranges::find(allowed, *given) == allowed.end())
    throw config_error{fmt::format("{} {}: expected {}", option.name, *given, option.value)};
  return given;
}

line_rules rules_of(const invocation& i) {
  line_rules rules;
  rules.key_field = i.text(key_field).value_or("");
  rules.key_separator = i.text(key_separator).value_or("");
  rules.null = i.text(null_text);
  const auto named = one_of(i, format, {"text", "json", "csv"}).value_or(rules.key_field.empty() ? "text" : "json");
  rules.form = named == "json" ? line_form::json : named == "csv" ? line_form::csv : line_form::text;
  if (rules.form == line_form::text && !rules.key_field.empty())
    throw config_error{"--key-field: text has no members; --format json or csv, or --key-separator"};
  if (rules.form != line_form::text && !rules.key_separator.empty())
    throw config_error{"--key-separator is for text; of JSON and CSV --key-field names the key"};
  if (i.has(key_separator) && rules.key_separator.empty())
    throw config_error{"--key-separator: a text that is not empty"};
  return rules;
}

produce_wish wish_of(const invocation& i) {
  produce_wish wish{.topic = i.words[0], .rules = rules_of(i), .headers = {}, .rate = i.value<double>(rate), .sending = {}};
  if (i.words.size() > 1)
    wish.input = i.words[1];
  for (const auto& text : i.texts(header)) {
    auto [name, value] = pair_of(text, "a header");
    wish.headers.push_back({std::move(name), std::move(value)});
  }
  if (const auto number = i.value<std::int32_t>(partition_number)) {
    if (*number < 0)
      throw config_error{"--partition: a number from 0 on"};
    wish.partition = *number;
  }
  if (wish.rate && !(*wish.rate > 0 && *wish.rate <= 1e9))
    throw config_error{"--rate: a number of records above 0"};
  wish.sending.acks = one_of(i, acks, {"0", "1", "all"}).value_or("all");
  wish.sending.idempotence = !i.has(no_idempotence) && wish.sending.acks == "all";
  wish.sending.compression = one_of(i, compression, {"none", "gzip", "snappy", "lz4", "zstd"}).value_or("");
  return wish;
}

std::array<std::pair<std::string_view, double>, 4> milliseconds_of(const latency_histogram& h) {
  const auto millis = [](latency_histogram::micros m) { return static_cast<double>(m.count()) / 1000; };
  return {
    {{"p50", millis(h.percentile(0.5))},
     {"p95", millis(h.percentile(0.95))},
     {"p99", millis(h.percentile(0.99))},
     {"max", millis(h.largest())}}};
}

void print_json(const produced& p, const text_sink& out) {
  json_writer json;
  {
    json_object line{json};
    line.number("sent", p.sent);
    line.number("failed", p.failed);
    line.number("bad_lines", p.bad);
    (void)line.at("seconds").number(static_cast<double>(p.took.count()) / 1000);
    json_object latency{line.at("latency_ms")};
    for (const auto& [name, value] : milliseconds_of(p.latency))
      (void)latency.at(name).number(value);
  }
  json.raw('\n');
  out(json.text());
}

void print_counters(const produced& p, const text_sink& err) {
  const auto seconds = static_cast<double>(p.took.count()) / 1000;
  err(fmt::format(
    "leat: {} sent, {} failed, {}, in {:.3f} s", with_commas(p.sent), with_commas(p.failed), counted(p.bad, "bad line"),
    seconds));
  if (p.took.count() > 0)
    err(fmt::format(", {}/s", with_commas(static_cast<std::uint64_t>(static_cast<double>(p.sent) / seconds))));
  if (p.latency.count() > 0) {
    err("; acknowledged after");
    for (const auto& [name, value] : milliseconds_of(p.latency))
      err(fmt::format(" {} {:.1f} ms", name, value));
  }
  err("\n");
}

int send_lines(const invocation& i) {
  const auto wish = wish_of(i);
  const auto config = kafka_settings(i);
  const interruption stop;
  const auto result = produce(config, wish, stop, i.err);
  if (i.json())
    print_json(result, i.out);
  else
    print_counters(result, i.err);
  return result.failed + result.bad == 0 ? command_done : command_failed;
}

} // namespace

command_group produce_group() {
  return {
    "produce",
    "Records into topics",
    "Each line is the value of a record, as it stands there; with --key-separator what is behind that. Of FILE, or of "
    "standard "
    "input. Lines that are no JSON or CSV, have no key, or are refused by Kafka are told with their numbers, and the exit "
    "code is 1. How long acknowledgments take counts from the moment when a record is handed over, with its time in the "
    "queue.",
    {{"", 1, 2, "TOPIC [FILE]",
      "Sends lines as records, and says how many were sent and failed, and how long acknowledgments took.",
      with_kafka_options(
        {format, key_field, key_separator, null_text, header, partition_number, rate, compression, acks, no_idempotence,
         json_option}),
      send_lines}}};
}

} // namespace leat::cli
