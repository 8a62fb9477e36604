#pragma once

#include <leat/connectors/files/rolling_file.hpp>
#include <leat/messages/dead_letter.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Turns dead letters into lines of JSON: docs/formats/dead_letters.md. Belongs to one writer.
class letter_lines {
public:
  /// @param step for errors. @param folder where they go: it is made with the first.
  letter_lines(std::string step, std::string folder);

  /// @returns the lines; good until the next call.
  /// @throws connector_error when the folder cannot be made.
  const encoded_records& of(const std::vector<dead_letter>& letters);

private:
  const std::string step_;
  const std::string folder_;
  std::unique_ptr<encoder> encoder_;
  encoded_records lines_;
};

/// The letters of records that a sink's format cannot hold. A record without a form has no bytes: what is left to say is
/// what is wrong with it.
[[nodiscard]] std::vector<dead_letter>
letters_of(const std::vector<rejection>& refused, const std::string& step, const std::string& folder);

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
  letter_lines lines_;
  rolling_file files_;
};

/// Where letters go when nobody says: `<job>-dead-letters` in the working directory.
[[nodiscard]] std::string letter_folder(const std::string& chosen, const std::string& job);

} // namespace leat
