#include <leat/apps/leat/kafka/record_text.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/base/excerpt.hpp>

namespace leat::cli {

std::string shown(std::optional<std::string_view> bytes, std::string_view none) {
  if (!bytes)
    return std::string{none};
  return bytes->empty() ? "(empty)" : excerpt(*bytes, std::string_view::npos);
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

void write_record(json_writer& to, const kafka_message& record) {
  {
    json_object line{to};
    line.text("topic", record.from.topic);
    line.at("partition").integer(record.from.number);
    line.at("offset").integer(record.offset);
    line.text("timestamp", format_timestamp(record.time));
    write_payload(line.at("key"), record.key);
    write_payload(line.at("value"), record.value);
    line.array("headers", record.headers, [&](const kafka_header& h) {
      json_object header{to};
      header.text("name", h.name);
      write_payload(header.at("value"), h.value);
    });
  }
  to.raw('\n');
}

} // namespace leat::cli
