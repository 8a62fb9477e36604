#include <leat/pipeline/log_format.hpp>

#include <leat/base/utf8.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace leat {

namespace {

/// U+0000 to U+001F, U+007F, and U+0080 to U+009F, which some terminals obey too.
bool is_control(std::string_view sequence) {
  const auto first = static_cast<std::uint8_t>(sequence[0]);
  return first < 0x20 || first == 0x7f || (first == 0xc2 && static_cast<std::uint8_t>(sequence[1]) < 0xa0);
}

/// Calls `take(sequence, valid)` for each UTF-8 sequence, and for each byte that belongs to none.
template <class Take>
void for_each_sequence(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    take(text.substr(0, length == 0 ? 1 : length), length > 0);
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for_each_sequence(text, [&](std::string_view sequence, bool valid) {
    if (!valid)
      out += "\uFFFD";
    else if (sequence == "\"" || sequence == "\\")
      (out += '\\') += sequence;
    else if (sequence == "\n")
      out += "\\n";
    else if (sequence == "\t")
      out += "\\t";
    else if (sequence.size() == 1 && is_control(sequence))
      out += fmt::format("\\u{:04x}", sequence[0]);
    else
      out += sequence;
  });
  out += '"';
}

void append_text(std::string& out, std::string_view text) {
  for_each_sequence(text, [&](std::string_view sequence, bool valid) {
    if (sequence == "\n")
      out += "\n    ";
    else if (sequence == "\t")
      out += sequence;
    else if (!valid || is_control(sequence))
      for (const char c : sequence)
        out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    else
      out += sequence;
  });
}

std::string_view colour_of(std::string_view level) {
  if (level == "error")
    return "\x1b[31m";
  if (level == "warn")
    return "\x1b[33m";
  return level == "info" ? "" : "\x1b[2m";
}

} // namespace

std::string json_log_line(const log_record& record) {
  auto line = fmt::format(R"({{"time":"{}","level":"{}")", format_timestamp(record.time), record.level);
  if (!record.step.empty()) {
    line += R"(,"step":)";
    append_json(line, record.step);
  }
  line += R"(,"message":)";
  append_json(line, record.message);
  return line + "}\n";
}

std::string text_log_line(const log_record& record, bool colour) {
  const auto paint = colour ? colour_of(record.level) : std::string_view{};
  auto line = fmt::format("{} {}{:<5} ", format_timestamp(record.time), paint, record.level);
  if (!record.step.empty()) {
    line += '[';
    append_text(line, record.step);
    line += "] ";
  }
  append_text(line, record.message);
  return line + (paint.empty() ? "\n" : "\x1b[0m\n");
}

} // namespace leat
