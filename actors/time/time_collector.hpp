#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/time/time_report.hpp>

#include <future>
#include <memory>
#include <vector>

namespace leat {

/// Who is to be asked about event time, and who waits for the report.
struct time_collection {
  std::vector<located_time> actors; ///< `said` is filled in as they answer
  std::vector<caf::actor> asked;    ///< the same actors, in the same order
  const dataflow_plan* plan = nullptr;
  const metrics* registry = nullptr;
  duration patience{}; ///< who has not answered by then is named in the report
  std::shared_ptr<std::promise<time_report>> answer;
};

/// Asks every actor of a job how far event time has come there, and makes a report of the answers. One for each report; ends
/// with it. What is asked has high priority: an actor that is blocked or far behind answers as well.
class time_collector_state {
public:
  static inline const char* name = "time_collector";

  void init(caf::event_based_actor* self, time_collection what);
  caf::behavior make_behavior();

private:
  void finish();

  caf::event_based_actor* self_ = nullptr;
  time_collection what_;
  std::size_t missing_ = 0;
};

caf::behavior time_collector(caf::stateful_actor<time_collector_state>* self, time_collection what);

} // namespace leat
