#include <leat/apps/leat/steps_json.hpp>

#include <leat/apps/leat/stored_types.hpp>

namespace leat::cli {

void add_steps(json_object& to, json_writer& json, const std::vector<stored_step>& steps, const state_members& more) {
  to.array("steps", steps, [&](const stored_step& step) {
    json_object of_step{json};
    of_step.text("uid", step.uid);
    of_step.text("name", step.name);
    of_step.number("parallelism", step.parallelism);
    of_step.array("states", step.states, [&](const stored_state& state) {
      const stored_types types{state};
      json_object of_state{json};
      of_state.text("name", state.name);
      of_state.text("key_type", types.key_text);
      of_state.text("value_type", types.value_text);
      if (more)
        more(of_state, step, state);
    });
  });
}

} // namespace leat::cli
