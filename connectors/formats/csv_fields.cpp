#include <leat/connectors/formats/csv_fields.hpp>

#include <algorithm>

namespace leat::csv_fields {

namespace {

/// Reads the quoted field whose opening quote stands in front of `from`.
/// @returns the place of its closing quote; npos when there is none.
std::size_t read_quoted(std::string_view record, std::size_t from, raw_field& to) {
  auto close = record.find('"', from);
  to.quoted = true;
  while (close != std::string_view::npos && close + 1 < record.size() && record[close + 1] == '"') {
    to.escaped = true;
    close = record.find('"', close + 2);
  }
  if (close != std::string_view::npos)
    to.text = record.substr(from, close - from);
  return close;
}

} // namespace

const char* split(std::string_view record, char delimiter, std::vector<raw_field>& out) {
  out.clear();
  for (std::size_t at = 0;;) {
    raw_field f;
    std::size_t end;
    if (at < record.size() && record[at] == '"') {
      const auto close = read_quoted(record, at + 1, f);
      if (close == std::string_view::npos)
        return "invalid CSV: a quoted field is never closed";
      end = close + 1;
      if (end < record.size() && record[end] != delimiter)
        return "invalid CSV: text behind the closing quote of a field";
    } else {
      end = std::min(record.find(delimiter, at), record.size());
      f.text = record.substr(at, end - at);
      if (f.text.find('"') != std::string_view::npos)
        return "invalid CSV: a quote inside a field without quotes around it";
    }
    out.push_back(f);
    if (end == record.size())
      return nullptr;
    at = end + 1;
  }
}

char likely_delimiter(std::string_view record, char delimiter) noexcept {
  char likely = 0;
  std::ptrdiff_t most = 0;
  for (const char c : {';', '\t', '|', ','}) // where there are as many, the rarer one in texts
    if (const auto count = std::count(record.begin(), record.end(), c); c != delimiter && count > most) {
      most = count;
      likely = c;
    }
  return likely;
}

std::string to_text(char delimiter) { return delimiter == '\t' ? "\\t" : std::string{delimiter}; }

void unescape(const raw_field& from, std::string& out) {
  if (!from.escaped) {
    out.assign(from.text);
    return;
  }
  out.clear();
  for (std::size_t i = 0; i < from.text.size(); ++i) {
    out.push_back(from.text[i]);
    if (from.text[i] == '"')
      ++i; // the second of the two
  }
}

void append(std::string_view text, char delimiter, bool always, std::string& out) {
  const auto special = [delimiter](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; };
  if (!always && std::none_of(text.begin(), text.end(), special)) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"')
      out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

} // namespace leat::csv_fields
