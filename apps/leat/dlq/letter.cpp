#include <leat/apps/leat/dlq/letter.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace leat::cli {

namespace {

namespace names = dead_letter_headers;

/// Begins the names of all headers that Leat adds.
constexpr std::string_view own_prefix = "leat.";

std::string text_in(const kafka_message& record, const char* name) { return std::string{record.header(name).value_or("")}; }

/// @returns `otherwise` when the header is missing, or no number.
std::int64_t number_in(const kafka_message& record, const char* name, std::int64_t otherwise) {
  const auto text = record.header(name).value_or("");
  std::int64_t number = otherwise;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? number : otherwise;
}

std::vector<kafka_header> other_headers(const letter& l) {
  std::vector<kafka_header> others;
  std::ranges::copy_if(
    l.record.headers, std::back_inserter(others), [](const kafka_header& h) { return !h.name.starts_with(own_prefix); });
  return others;
}

std::string line(std::string_view name, std::string_view value) { return fmt::format("  {:<9}{}\n", name, value); }

} // namespace

letter letter_of(kafka_message record) {
  letter l;
  l.reason = text_in(record, names::reason);
  for (const auto* const name : names::causes)
    if (const auto cause = record.header(name))
      l.causes.emplace_back(*cause);
  l.step = text_in(record, names::step);
  l.source = {text_in(record, names::topic), static_cast<std::int32_t>(number_in(record, names::partition, -1))};
  l.offset = number_in(record, names::offset, -1);
  l.time = from_millis(number_in(record, names::timestamp, 0));
  l.whole_size = text_in(record, names::truncated);
  l.cut = !l.whole_size.empty() || record.header(names::truncated_key).has_value();
  l.record = std::move(record);
  return l;
}

std::string letter::place() const {
  if (source.topic.empty())
    return "-";
  return offset < 0 ? to_string(source) : fmt::format("{} offset {}", to_string(source), offset);
}

std::string kind_of_reason(std::string_view reason) {
  std::string kind;
  while (!reason.empty()) {
    const auto begin = reason.find('"');
    const auto end = begin == std::string_view::npos ? begin : reason.find('"', begin + 1);
    if (end == std::string_view::npos)
      return kind.append(reason);
    kind.append(reason.substr(0, begin)).append("\"…\"");
    reason.remove_prefix(end + 1);
  }
  return kind;
}

std::string shown(const letter& l, const payload& key, const payload& value) {
  auto text = fmt::format("{} offset {}, {}\n", to_string(l.record.from), l.record.offset, format_timestamp(l.record.time));
  text += line("reason", shown(l.reason));
  for (const auto& cause : l.causes)
    text += line("cause", shown(cause));
  text += line("step", shown(l.step));
  text += line("source", fmt::format("{}, {}", excerpt(l.place(), std::string::npos), format_timestamp(l.time)));
  if (l.cut)
    text +=
      line("cut", fmt::format("not all is here; the value had {} bytes", l.whole_size.empty() ? "as many" : l.whole_size));
  if (const auto others = other_headers(l); !others.empty())
    text += line("headers", shown_headers(others));
  if (value.schema)
    text += line("schema", std::to_string(*value.schema));
  text += line("key", shown(key));
  return text + line("payload", shown(value, tombstone));
}

void write_letter(json_writer& to, const letter& l, const payload& key, const payload& value) {
  {
    json_object object{to};
    object.text("topic", l.record.from.topic);
    object.at("partition").integer(l.record.from.number);
    object.at("offset").integer(l.record.offset);
    object.text("timestamp", format_timestamp(l.record.time));
    object.text("reason", l.reason);
    object.array("causes", l.causes, [&](const std::string& cause) { write_json_text(to, cause); });
    object.text("step", l.step);
    {
      json_object source{object.at("source")};
      source.text("topic", l.source.topic);
      source.at("partition").integer(l.source.number);
      source.at("offset").integer(l.offset);
      source.text("timestamp", format_timestamp(l.time));
    }
    object.at("cut").raw(l.cut ? "true" : "false");
    write_payload(object, "key", key);
    write_payload(object, "payload", value);
    object.array("headers", l.record.headers, [&](const kafka_header& h) {
      json_object header{to};
      header.text("name", h.name);
      write_payload(header.at("value"), h.value);
    });
  }
  to.raw('\n');
}

bool letter_filter::wants(const letter& l) const {
  return l.reason.find(reason) != std::string::npos && (step.empty() || l.step == step) &&
         (!number || l.record.from.number == *number) && (!first || l.record.offset >= *first) &&
         (!last || l.record.offset <= *last);
}

std::vector<partition> letter_filter::partitions_of(const topic_facts& letters) const {
  const auto count = letters.partitions.size();
  if (number && static_cast<std::size_t>(*number) >= count)
    throw config_error{fmt::format("--partition: topic \"{}\" has {} partitions, from 0 on", letters.name, count)};
  if (number)
    return {{letters.name, *number}};
  if (first && count > 1)
    throw config_error{fmt::format(
      "--offset: topic \"{}\" has {} partitions, and each has offsets of its own; say with --partition which one is meant",
      letters.name, count)};
  return letters.all();
}

} // namespace leat::cli
