#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::cli {

/// Where a command writes what it found. May be called for parts of lines.
using text_sink = std::function<void(std::string_view)>;

/// Rows of cells below their names, in columns as wide as the widest cell. Rows that are many are printed a hundred at a time, and
/// so the columns may become wider further down.
class text_table {
public:
  text_table(const text_sink& out, std::vector<std::string> names);

  void add(std::vector<std::string> row);

  /// Prints what has not been printed.
  void finish();

private:
  void print(const std::vector<std::string>& row);

  const text_sink& out_;
  std::vector<std::vector<std::string>> rows_; // not printed; the first time with the names
  std::vector<std::size_t> widths_;
};

/// `12345678` as `12,345,678`.
[[nodiscard]] std::string with_commas(std::uint64_t n);

/// `1 record`, `2,000 records`. @param what one of them.
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view what);

} // namespace leat::cli
