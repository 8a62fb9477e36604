#include <leat/apps/leat/text_table.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat::cli {

namespace {

constexpr std::size_t rows_at_a_time = 100;

// Code points, which is what most terminals show in a column each.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

text_table::text_table(const text_sink& out, std::vector<std::string> names) : out_{out}, widths_(names.size()) {
  rows_.push_back(std::move(names));
}

void text_table::add(std::vector<std::string> row) {
  rows_.push_back(std::move(row));
  if (rows_.size() > rows_at_a_time)
    finish();
}

void text_table::finish() {
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths_[i] = std::max(widths_[i], width_of(row[i]));
  for (const auto& row : rows_)
    print(row);
  rows_.clear();
}

void text_table::print(const std::vector<std::string>& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    line += row[i];
    line.append(widths_[i] - width_of(row[i]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_(line + '\n');
}

std::string with_commas(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", with_commas(n), what, n == 1 ? "" : "s");
}

} // namespace leat::cli
