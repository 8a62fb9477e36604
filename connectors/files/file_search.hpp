#pragma once

#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/file_pattern.hpp>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace leat {

/// A file that nobody has read so far.
struct found_file {
  std::string path;
  file_facts facts;
};

/// Finds the files of one source, each once: also when it is renamed, linked, or named twice. Thread-safe.
class file_search {
public:
  file_search(std::string step, file_pattern pattern) : step_{std::move(step)}, pattern_{std::move(pattern)} {}

  [[nodiscard]] const file_pattern& pattern() const noexcept { return pattern_; }

  /// The files that have come since the last call. Each belongs to the caller, and so does from now on whatever file gets its
  /// name. A name that cannot be looked at is logged once and left out for as long as it is so.
  /// @throws connector_error when nothing can be found (see `file_pattern::files`).
  [[nodiscard]] std::vector<found_file> find_new();

  /// Makes the file of this name the caller's, before the first search, so that it is not found again under any other.
  void take(const std::string& path, const file_identity& file);

  /// @returns false when the file was found before, under any name: then it is read already, or has been.
  [[nodiscard]] bool claim(const file_identity& file);

private:
  void report(const std::map<std::string, std::string>& skipped);

  const std::string step_;
  const file_pattern pattern_;
  std::mutex m_;
  std::set<file_identity> claimed_; // guarded by m_, as is what follows
  std::set<std::string> owned_;     // names whose file somebody reads
  std::set<std::string> aliases_;   // further names of such files, as was logged
  std::set<std::string> skipped_;   // names that cannot be looked at, as was logged
};

} // namespace leat
