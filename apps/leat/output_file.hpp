#pragma once

#include <leat/connectors/files/open_file.hpp>
#include <leat/pipeline/line_writer.hpp>

#include <string>
#include <string_view>

namespace leat::cli {

/// A file that a command writes. It has its name once it is whole and on the disk; until then it has another one, which is removed
/// when it comes to nothing. What is there under the name and is no file, such as a pipe or a terminal, is written to as it is.
///
/// Every call throws a `state_error` with the reason when it cannot be written.
class output_file {
public:
  explicit output_file(std::string path);
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  ~output_file();

  void write(std::string_view text);

  /// The last call: nothing comes behind.
  void finish();

private:
  [[noreturn]] void fail(int error) const;

  const std::string path_;
  std::string unfinished_; // its name until it is whole; empty: it has none, or not any more
  open_file file_;
  line_writer to_;
};

} // namespace leat::cli
