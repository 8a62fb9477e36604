#pragma once

#include <leat/connectors/files/rolling_file.hpp>
#include <leat/messages/dead_letter.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Writes dead letters to files of a folder. The folder is made when the first letter comes.
class letter_files {
public:
  /// @param where its name, step and folder.
  /// @param before the segments closed so far, in which no letter was: they count as stored.
  letter_files(rolling_options where, std::shared_ptr<alarm_clock> disk, waker wake, std::uint64_t before = 0);

  /// @throws connector_error when they cannot be written.
  void write(const std::vector<dead_letter>& letters);

  /// The output, to be marked and rolled.
  [[nodiscard]] rolling_file& files() noexcept { return files_; }

private:
  const std::string step_;
  const std::string folder_;
  rolling_file files_;
  std::unique_ptr<encoder> encoder_;
  encoded_records lines_;
};

/// Where letters go when nobody says: `<job>-dead-letters` in the working directory.
[[nodiscard]] std::string letter_folder(const std::string& chosen, const std::string& job);

} // namespace leat
