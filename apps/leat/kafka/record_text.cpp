#include <leat/apps/leat/kafka/record_text.hpp>

#include <leat/base/excerpt.hpp>

namespace leat::cli {

std::string shown(std::optional<std::string_view> bytes, std::string_view none) {
  if (!bytes)
    return std::string{none};
  return bytes->empty() ? "(empty)" : excerpt(*bytes, std::string_view::npos);
}

std::string shown(const payload& p, std::string_view none) {
  constexpr std::size_t longest_remark = 200;
  if (!p.json.empty())
    return excerpt(p.json, std::string_view::npos);
  auto text = shown(p.bytes, none);
  return p.failure.empty() ? text : text + " (" + excerpt(p.failure, longest_remark) + ')';
}

std::string shown_headers(const std::vector<kafka_header>& headers) {
  std::string text;
  for (const auto& h : headers)
    text += (text.empty() ? "" : " ") + excerpt(h.name, std::string_view::npos) + '=' + shown(h.value);
  return text;
}

void write_payload(json_writer& to, std::optional<std::string_view> bytes) {
  if (bytes)
    write_json_text(to, *bytes);
  else
    to.raw("null");
}

void write_payload(json_object& to, std::string_view name, const payload& p) {
  auto& at = to.at(name);
  if (p.json.empty())
    write_payload(at, p.bytes);
  else
    at.raw(p.json);
  if (p.schema)
    to.number(std::string{name} + "_schema_id", *p.schema);
  if (!p.failure.empty())
    to.text(std::string{name} + "_error", p.failure);
}

void write_record(json_writer& to, const kafka_message& record, const payload& key, const payload& value) {
  {
    json_object line{to};
    line.text("topic", record.from.topic);
    line.at("partition").integer(record.from.number);
    line.at("offset").integer(record.offset);
    line.text("timestamp", format_timestamp(record.time));
    write_payload(line, "key", key);
    write_payload(line, "value", value);
    line.array("headers", record.headers, [&](const kafka_header& h) {
      json_object header{to};
      header.text("name", h.name);
      write_payload(header.at("value"), h.value);
    });
  }
  to.raw('\n');
}

} // namespace leat::cli
