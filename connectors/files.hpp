#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/files/file_sink.hpp>
#include <leat/connectors/files/file_source.hpp>
#include <leat/connectors/formats/csv.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/spec.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <memory>
#include <string>
#include <utility>

/// Files in the typed API: what `.source(…)` and `.sink(…)` take.
namespace leat::files {

/// Describes the reading of files as records of `T`; see `files::source`.
template <class T>
class source_spec : public timed_spec<source_spec<T>, T> {
public:
  source_spec(std::string pattern, const format& read_as) : timed_spec<source_spec, T>{pattern}, format_{&read_as} {
    options_.pattern = std::move(pattern);
  }

  /// Waits for more at the ends of the files, and for new files, until the job is stopped. With `--bounded` it ends all the
  /// same, where the files ended at the start.
  source_spec follow() const {
    auto changed = *this;
    changed.options_.follow = true;
    return changed;
  }

  /// The bytes of the longest line that is read, 1 MB otherwise: bounds the memory. Longer ones become dead letters.
  source_spec longest_line(std::size_t bytes) const {
    auto changed = *this;
    changed.options_.longest = bytes;
    return changed;
  }

  /// The folder for lines that cannot be decoded; `<job>-dead-letters` in the working directory otherwise.
  source_spec dead_letters(const std::string& folder) const {
    auto changed = *this;
    changed.letters_ = folder;
    return changed;
  }

  // What `.source(…)` asks:
  [[nodiscard]] std::shared_ptr<leat::source> make_source() const {
    return std::make_shared<file_source>(options_, *format_, schema_of<T>(), this->times_);
  }
  [[nodiscard]] std::shared_ptr<leat::sink> make_dead_letters() const {
    return std::make_shared<file_dead_letter_sink>(letters_);
  }

private:
  file_source_options options_;
  const format* format_;
  std::string letters_; // empty: named after the job
};

/// Describes the writing of records of `T` to files; see `files::sink`.
template <class T>
class sink_spec {
public:
  using record = T;

  sink_spec(std::string folder, const format& written_as) : format_{&written_as} { options_.folder = std::move(folder); }

  /// A file is complete when it has so many bytes; 128 MB otherwise.
  sink_spec roll_at(std::size_t bytes) const {
    auto changed = *this;
    changed.options_.roll_at = bytes;
    return changed;
  }

  /// A file is complete when it is so old, also when nothing comes any more; five minutes otherwise.
  sink_spec roll_after(duration age) const {
    auto changed = *this;
    changed.options_.roll_after = age;
    return changed;
  }

  /// The folder for records that the format cannot hold; `<job>-dead-letters` in the working directory otherwise.
  sink_spec dead_letters(const std::string& folder) const {
    auto changed = *this;
    changed.options_.letters = folder;
    return changed;
  }

  /// Each record is in one complete file, once, also after a failure. Complete files come with checkpoints: at the first one behind
  /// `roll_at` or `roll_after`, which may be 0 for a file at each.
  sink_spec exactly_once(bool wanted = true) const {
    auto changed = *this;
    changed.guarantee_ = wanted ? delivery::exactly_once : delivery::at_least_once;
    return changed;
  }

  // What `.sink(…)` asks:
  [[nodiscard]] std::string name() const { return options_.folder; }
  [[nodiscard]] delivery guarantee() const { return guarantee_; }
  [[nodiscard]] std::shared_ptr<leat::sink> make_sink() const {
    return std::make_shared<file_sink>(options_, *format_, schema_of<T>());
  }

private:
  file_sink_options options_;
  const format* format_;
  delivery guarantee_ = delivery::at_least_once;
};

/// Reads files of records in a format, `json` (a line each) or `csv`: one by its path, those that lie in a folder, or those
/// that a pattern names (`files::source<trade>("trades/*.csv", csv)`). Each file is read in its order, several at the same time.
/// Ends with them, or follows them.
template <class T>
source_spec<T> source(std::string path, const format& read_as) {
  return {std::move(path), read_as};
}

/// Writes records as lines to files of a folder, complete ones under a name that says so: see `file_sink`.
template <class T>
sink_spec<T> sink(std::string folder, const format& written_as) {
  return {std::move(folder), written_as};
}

} // namespace leat::files
