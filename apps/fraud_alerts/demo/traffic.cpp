#include <leat/apps/fraud_alerts/demo/traffic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace leat::fraud {

namespace {

constexpr std::array merchants{"Corner Bakery", "Green Grocer",  "City Transit", "Book Nook",     "Fuel & Go",
                               "Pharma Plus",   "Noodle House",  "Streamly",     "Home & Garden", "Bike Repair",
                               "Cafe Central",  "Shoe Emporium", "Cinema Lux",   "Phone Shop",    "Farm Market"};

/// Tries by the law of Zipf before the first free user is taken instead.
constexpr int draws = 16;

} // namespace

timestamp aligned_start(const rules& what, std::int64_t events, timestamp end) {
  const auto about = end - shape_of(what, events).span;
  return about - about.time_since_epoch() % what.spending.window;
}

traffic::traffic(const rules& what, const traffic_options& options)
  : options_{options}, shape_{shape_of(what, options.events)}, random_{options.seed}, honest_time_{options.start} {
  plan(what);
  payers_.resize(shape_.users);
  for (std::size_t i = 0; i < payers_.size(); ++i)
    payers_[i].country = home_of(i);
  honest_left_ = std::max<std::int64_t>(0, options_.events - static_cast<std::int64_t>(fraud_steps_.size()));
  mean_gap_ = static_cast<double>(shape_.span.count()) / static_cast<double>(std::max<std::int64_t>(1, honest_left_));
  if (honest_left_ > 0)
    prepare_honest();
}

void traffic::plan(const rules& what) {
  for (auto& planned : plan_frauds(what, shape_, options_.start, options_.events, random_)) {
    quiet_[planned.user] = {planned.what.first - shape_.quiet, planned.what.last + shape_.quiet};
    for (auto& record : planned.transactions)
      fraud_steps_.push_back({std::move(record), frauds_.size()});
    frauds_.push_back(std::move(planned.what));
  }
  std::stable_sort(fraud_steps_.begin(), fraud_steps_.end(), [](const fraud_step& a, const fraud_step& b) {
    return a.record.timestamp < b.record.timestamp;
  });
}

bool traffic::may_pay(std::size_t user, timestamp t) const {
  if (t < payers_[user].paid + shape_.pause)
    return false;
  const auto victim = quiet_.find(user);
  return victim == quiet_.end() || t < victim->second.from || t > victim->second.until;
}

std::size_t traffic::user_at(timestamp t) {
  std::uniform_real_distribution<double> share;
  std::size_t user = 0;
  for (int i = 0; i < draws; ++i) {
    const auto u = share(random_);
    user = static_cast<std::size_t>(static_cast<double>(shape_.users) * u * u * u * u);
    if (may_pay(user, t))
      return user;
  }
  for (std::size_t i = 0; i < shape_.users; ++i, user = (user + 1) % shape_.users)
    if (may_pay(user, t))
      return user;
  return shape_.users; // all have just paid
}

void traffic::prepare_honest() {
  do {
    honest_clock_ += std::exponential_distribution{1 / mean_gap_}(random_);
    honest_time_ = options_.start + duration{static_cast<std::int64_t>(honest_clock_)};
    honest_user_ = user_at(honest_time_);
  } while (honest_user_ == shape_.users);
  auto& payer = payers_[honest_user_];
  if (honest_time_ > payer.paid + shape_.stay && random_() % 8 == 0)
    payer.country = home_of(random_() % 2 == 0 ? honest_user_ : random_());
  payer.paid = honest_time_;
}

void traffic::fill_honest(transaction& slot) {
  const auto largest = shape_.largest_amount;
  const auto amount = std::lognormal_distribution{std::log(std::min(25.0, largest / 10)), 1.0}(random_);
  slot.user_id.clear();
  fmt::format_to(std::back_inserter(slot.user_id), "user-{:06}", honest_user_);
  slot.amount = std::floor(std::min(amount, largest) * 100) / 100;
  slot.merchant = merchants[random_() % merchants.size()];
  slot.country = payers_[honest_user_].country;
  slot.timestamp = honest_time_;
}

std::optional<timestamp> traffic::next_event_time() const {
  std::optional<timestamp> t;
  if (honest_left_ > 0)
    t = honest_time_;
  if (next_fraud_step_ < fraud_steps_.size()) {
    const auto of_fraud = fraud_steps_[next_fraud_step_].record.timestamp;
    t = t ? std::min(*t, of_fraud) : of_fraud;
  }
  return t;
}

std::size_t traffic::free_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return slots_.size() - 1;
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void traffic::depart() {
  waiting w{{}, free_slot(), {}};
  auto& slot = slots_[w.slot];
  const bool has_fraud = next_fraud_step_ < fraud_steps_.size();
  if (has_fraud && (honest_left_ == 0 || fraud_steps_[next_fraud_step_].record.timestamp <= honest_time_)) {
    slot = fraud_steps_[next_fraud_step_].record;
    w.fraud = fraud_steps_[next_fraud_step_++].fraud;
  } else {
    fill_honest(slot);
    if (--honest_left_ > 0)
      prepare_honest();
  }
  slot.transaction_id.clear();
  fmt::format_to(std::back_inserter(slot.transaction_id), "t-{:09}", departed_++);
  const auto most = options_.late * 4 / 5;
  w.arrival = slot.timestamp + duration{std::uniform_int_distribution<std::int64_t>{0, most.count()}(random_)};
  under_way_.push(w);
}

bool traffic::next(transaction& out, std::optional<std::size_t>& fraud) {
  for (auto t = next_event_time(); t && (under_way_.empty() || under_way_.top().arrival >= *t); t = next_event_time())
    depart();
  if (under_way_.empty())
    return false;
  const auto first = under_way_.top();
  under_way_.pop();
  std::swap(out, slots_[first.slot]);
  fraud = first.fraud;
  free_slots_.push_back(first.slot);
  return true;
}

} // namespace leat::fraud
