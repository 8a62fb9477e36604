#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/encoded/type_change.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/stored_entry.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// What a manifest says of a state that a step has.
[[nodiscard]] stored_state stored_form_of(const state_description& state);

/// Whether each step that is known by a number only stands where it stood when the checkpoint was taken: the number is of another step
/// when one was put in before it.
/// @throws state_error naming those that do not.
void check_places(const checkpoint_manifest& stored, const dataflow_plan& job);

/// The states that the steps of a job have now, by the steps' uids.
using wanted_states = std::map<std::string, std::vector<state_description>>;

/// What was done to a checkpoint so that it fits a job.
struct adapted_state {
  std::set<std::string> changed; ///< uids of steps whose entries are not those of the checkpoint any more
  std::set<std::string> dropped; ///< uids of steps that the job does not have
};

/// Makes a checkpoint fit the job that is to go on from it, entry by entry: values whose types have changed are converted, see
/// `type_change`; what the job has no place for goes, if that is allowed. What belongs to stages (positions, watermarks, logs)
/// stays as it is.
class state_adapter {
public:
  /// @param stored, wanted outlive this. @param steps the uids of all stages and steps of the job.
  state_adapter(
    const checkpoint_manifest& stored, std::set<std::string> steps, const wanted_states& wanted, bool allow_dropped);

  /// The entry as the job takes it, good until the next; none when it goes.
  [[nodiscard]] std::optional<stored_entry> adapted(const stored_entry& entry);

  /// Whether all that a step has stored stays as it is.
  /// @param has_entries of a state of the step; asked of those that would not stay: a manifest also names states that were dropped.
  [[nodiscard]] bool stays(const std::string& uid, const std::function<bool(const std::string& state)>& has_entries) const;

  /// What was done, after the last entry.
  /// @throws state_error that names every step and state that does not fit, with the difference; nothing that the job has taken
  /// is of use then.
  [[nodiscard]] adapted_state finish() const;

private:
  /// What becomes of the entries of one state.
  struct state_change {
    enum class kind { none, converted, dropped, impossible };
    kind what = kind::none;
    std::shared_ptr<const encoded_type> stored{}; // outlives the change
    std::unique_ptr<const type_change> values{};
    std::vector<std::string> notes{};   // for the log
    std::vector<std::string> refused{}; // why it does not fit
  };
  struct place {
    std::string step;
    std::string state;
    state_change* change = nullptr; // null: the step goes
  };

  const place& place_of(const stored_entry& entry);
  [[nodiscard]] state_change change_of(const std::string& uid, const std::string& state) const;
  void take_note(const std::string& uid, const state_change& change);
  void drop(const std::string& uid);

  const checkpoint_manifest& stored_;
  const std::set<std::string> steps_;
  const wanted_states& wanted_;
  const bool allow_dropped_;
  std::map<std::pair<std::string, std::string>, state_change> changes_; // by step and state
  std::optional<place> last_;                                           // of the entry before
  std::string value_;                                                   // the converted one
  adapted_state done_;
  std::map<std::string, std::uint64_t> stepless_; // entries of steps that the job does not have
  std::vector<std::string> impossible_;
  std::vector<std::string> lost_;
};

} // namespace leat
