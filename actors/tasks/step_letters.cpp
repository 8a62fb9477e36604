#include <leat/actors/tasks/step_letters.hpp>

#include <leat/connectors/formats/json/encoded_json.hpp>

#include <utility>

namespace leat {

step_letters::step_letters(
  std::string step, std::uint32_t instance, bool kept, std::optional<partition> from, bool logs, metrics& registry)
  : step_{std::move(step)}, kept_{kept}, from_{std::move(from)}, refused_{registry.get("dead_letters", step_, instance)},
    examined_{registry.get("examined_records", step_, instance)} {
  if (logs)
    log_.emplace("step", step_, &registry);
}

dead_letter step_letters::make(std::vector<std::string> why, const origin& from) {
  auto letter = begin(std::move(why));
  from.in->describe(from.index, letter);
  tell(letter);
  return letter;
}

dead_letter
step_letters::make(std::vector<std::string> why, timestamp time, const encoded_type* type, std::string_view bytes) {
  auto letter = begin(std::move(why));
  letter.time = time;
  if (from_) {
    letter.topic = from_->topic;
    letter.partition = from_->number;
  }
  if (type) {
    writer_.clear();
    write_json(writer_, type, bytes);
    letter.payload = writer_.text();
  }
  tell(letter);
  return letter;
}

dead_letter step_letters::begin(std::vector<std::string> why) const {
  dead_letter letter;
  letter.reason = std::move(why.front());
  letter.causes.assign(std::make_move_iterator(why.begin() + 1), std::make_move_iterator(why.end()));
  letter.step = step_;
  return letter;
}

void step_letters::tell(const dead_letter& letter) {
  refused_.add(1);
  if (log_)
    log_->add(letter, kept_, refusal_log::clock::now());
}

} // namespace leat
