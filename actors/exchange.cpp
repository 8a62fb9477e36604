#include <leat/actors/exchange.hpp>

namespace leat {

exchange::exchange(
  std::unique_ptr<partitioner> how, std::vector<std::unique_ptr<output_channel>> channels, bool copies, bool origins)
  : scatter_targets{channels.size()},
    partitioner_{std::move(how)}, channels_{std::move(channels)}, copies_{copies}, origins_{origins} {}

void exchange::on_batch(batch_ptr in) {
  if (!origins_ && in->unique())
    in->forget_origins();
  partitioner_->scatter(std::move(in), *this);
}

void exchange::on_signal(const signal& s) {
  auto sent = s;
  sent.overtakes = s.overtakes && !copies_;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    close(i);
    channels_[i]->send(sent);
  }
}

void exchange::pull_forward(std::uint64_t epoch) {
  if (copies_)
    return;
  for (const auto& c : channels_)
    c->pull_forward(epoch);
}

void exchange::flush() {
  for (std::size_t i = 0; i < channels_.size(); ++i)
    if (channels_[i]->has_credit())
      close(i);
}

bool exchange::flushable() noexcept {
  for (std::size_t i = 0; i < channels_.size(); ++i)
    if (channels_[i]->has_credit() && open(i) && !open(i)->empty())
      return true;
  return false;
}

void exchange::dispatch(std::size_t target, batch_ptr full) { channels_[target]->send(std::move(full)); }

} // namespace leat
