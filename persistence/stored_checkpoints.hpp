#pragma once

#include <leat/persistence/checkpoint_storage.hpp>
#include <leat/persistence/checkpoint_store.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace leat {

/// Keeps the checkpoints of a job in a directory, as `checkpoint_store` has them.
class stored_checkpoints final : public checkpoint_storage {
public:
  /// @param from what a job without checkpoints in the directory begins with: a savepoint or retained checkpoint, a file; or
  /// another state directory, whose last one counts. Empty: with nothing. @param fold see `checkpoint_store_options`.
  /// @throws state_error as `checkpoint_store` does.
  explicit stored_checkpoints(const std::string& directory, std::string from = {}, const fold_policy& fold = {});

  void describe(checkpoint_manifest job, std::set<std::string> dropped) override {
    job_ = std::move(job);
    dropped_ = std::move(dropped);
  }
  void store(const complete_checkpoint& what) override;
  bool tidy() override;
  [[nodiscard]] std::optional<stored_checkpoint> last() override;
  [[nodiscard]] std::unique_ptr<stored_entries> entries_of(const std::string& uid, std::uint32_t max_parallelism) override;
  [[nodiscard]] std::string save() override;
  void retain(std::size_t count) override;
  [[nodiscard]] std::optional<duration> since_retained() const override;

private:
  checkpoint_store store_;
  const std::string from_;
  checkpoint_manifest job_;
  std::set<std::string> dropped_;
  std::mutex retains_; // one copy at a time
};

} // namespace leat
