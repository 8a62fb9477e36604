#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// How a run of the `leat` command ended.
struct command_result {
  int exit = 0;
  std::string out;
  std::string err;
};

/// A job's state directory, written a checkpoint at a time, and the `leat` command that looks into it.
class leat_fixture {
public:
  /// Describes a state of a step, for all checkpoints that follow.
  template <class Key, class Value>
  void describe(const std::string& step, const std::string& state) {
    describe(step, state, type_text(encoded_type_of<Key>()), type_text(encoded_type_of<Value>()));
  }
  void describe(const std::string& step, const std::string& state, std::string key_type, std::string value_type);

  /// An entry of the next checkpoint, of a key that a stream is keyed by.
  template <class Key, class Value>
  void put(const std::string& step, const std::string& state, const Key& key, const Value& value) {
    put(step, {state, encoded(key), encoded(value), state_owner::key, key_hash(key)});
  }
  void put(const std::string& step, saved_entry entry);

  /// Writes what was put, in the place of nothing that is there already but its keys.
  void checkpoint();

  /// Makes a copy of the last checkpoint. @returns its path.
  std::string retain();

  /// Ends the job: nobody writes to the directory any more.
  void stop() { store_.reset(); }

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

  [[nodiscard]] command_result leat(std::vector<std::string> arguments) const;
  /// @param taken called with each piece of output.
  [[nodiscard]] command_result
  leat(std::vector<std::string> arguments, const std::function<void(std::string_view)>& taken) const;

  /// Of what must be right: its output.
  [[nodiscard]] std::string output(std::vector<std::string> arguments) const;

  checkpoint_manifest job{"shop", from_millis(1'700'000'000'000), 4, 128, {}};
  temporary_folder folder;

private:
  std::string directory_ = folder.path("state");
  std::unique_ptr<checkpoint_store> store_ = std::make_unique<checkpoint_store>(directory_);
  std::vector<std::pair<std::string, saved_entry>> entries_;
};

} // namespace leat::testing
