#include <leat/messages/batch_pool.hpp>

#include <leat/messages/batch.hpp>

namespace leat {

batch_pool::batch_pool(factory make, std::size_t keep) : make_{make}, keep_{keep} { idle_.reserve(keep); }

batch_pool::~batch_pool() {
  for (auto* b : idle_)
    delete b;
}

batch_ptr batch_pool::take() {
  batch_base* b = nullptr;
  {
    const std::lock_guard lock{m_};
    if (!idle_.empty()) {
      b = idle_.back();
      idle_.pop_back();
    }
  }
  if (!b)
    b = make_();
  b->home_ = this;
  return batch_ptr{b};
}

std::size_t batch_pool::idle() const {
  const std::lock_guard lock{m_};
  return idle_.size();
}

void batch_pool::take_back(batch_base* b) noexcept {
  // The local keeps the pool alive until the lock is released, also when this batch was the last to hold it.
  const auto home = std::move(b->home_);
  b->clear();
  if (!home || !home->keep_idle(b))
    delete b;
}

bool batch_pool::keep_idle(batch_base* b) noexcept {
  const std::lock_guard lock{m_};
  if (idle_.size() >= keep_)
    return false;
  idle_.push_back(b);
  return true;
}

} // namespace leat
