// What the translator makes of `kernel<<<grid, block, shared, stream>>>(arguments)`.
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/simt/core.h"
#include "common/simt/runtime.h"
#include "driver_types.h"
#include "simt/keywords.h"

namespace simt {

struct LaunchSite {
  const char* name;  // the kernel, as written
  const char* file;
  int line;
};

struct Configuration {
  dim3 grid, block;
  size_t dynamic_shared;  // bytes
  cudaStream_t stream;
};
inline Configuration configuration(dim3 grid, dim3 block, size_t dynamic_shared = 0,
                                   cudaStream_t stream = nullptr) {
  return {grid, block, dynamic_shared, stream};
}

struct AnySignature {};
template <class... P>
struct Signature {};

// Callable only with an expression that names one function (and, of a template, one that has
// exactly these parameters).
template <class... P>
auto kernel_of(AnySignature, void (*kernel)(P...)) {
  return kernel;
}
template <class... P>
auto kernel_of(Signature<P...>, void (*kernel)(P...)) {
  return kernel;
}

// The arguments of one launch, copied. Plain members and no std::tuple: reading them must not call
// an instrumented function.
template <size_t I, class T>
struct Argument {
  T value;
};
template <class Indices, class... P>
struct Arguments;
template <size_t... I, class... P>
struct Arguments<std::index_sequence<I...>, P...> : Argument<I, P>... {
  explicit Arguments(P... values) : Argument<I, P>{std::move(values)}... {}
};

// One launch's kernel and arguments. `Call` calls the kernel by its name: inlined where that may be
// done, and needed where only the arguments' types choose the kernel.
template <class Call, class Indices, class... P>
struct BoundLaunch;
template <class Call, size_t... I, class... P>
struct BoundLaunch<Call, std::index_sequence<I...>, P...> {
  void (*kernel)(P...);  // null if the arguments' types do not name it exactly
  Call call;
  Arguments<std::index_sequence<I...>, P...> arguments;

  __attribute__((no_sanitize("thread"))) static void by_pointer(const void* self) {
    const auto& bound = *static_cast<const BoundLaunch*>(self);
    bound.kernel(static_cast<const Argument<I, P>&>(bound.arguments).value...);
  }
  static void by_name(const void* self) {
    const auto& bound = *static_cast<const BoundLaunch*>(self);
    bound.call(static_cast<const Argument<I, P>&>(bound.arguments).value...);
  }
};

// `identity` is the kernel's address, or null if it is not known.
template <class Call, class... P>
void submit(const LaunchSite& site, const Configuration& configuration, const void* identity,
            void (*kernel)(P...), const Call& call, P... arguments) {
  using Indices = std::index_sequence_for<P...>;
  using Bound = BoundLaunch<Call, Indices, P...>;
  static const char stand_in = 0;
  KernelCall launch;
  launch.function = identity != nullptr ? identity : &stand_in;
  launch.name = site.name;
  launch.file = site.file;
  launch.line = site.line;
  launch.grid = configuration.grid;
  launch.block = configuration.block;
  launch.dynamic_shared = configuration.dynamic_shared;
  launch.stream = stream_id(configuration.stream);
#if SIMT_TRACED
  launch.invoke = kernel != nullptr ? Bound::by_pointer : Bound::by_name;
#else
  // A lambda that captured nothing names the kernel itself; one that did holds a reference to a
  // pointer that may be gone when a graph replays the launch.
  const bool by_name = kernel == nullptr || std::is_empty<Call>::value;
  launch.invoke = by_name ? Bound::by_name : Bound::by_pointer;
#endif
  launch.arguments = std::make_shared<Bound>(
      Bound{kernel, call, Arguments<Indices, P...>(std::move(arguments)...)});
  submit_launch(std::move(launch));
}

// Launches one known kernel: arguments convert to its parameters as in a call.
template <class Call, class... P>
struct KernelLauncher {
  LaunchSite site;
  Configuration configuration;
  void (*kernel)(P...);
  Call call;

  void operator()(P... arguments) const {
    submit<Call, P...>(site, configuration, reinterpret_cast<const void*>(kernel), kernel, call,
                       std::move(arguments)...);
  }
  // Fewer: the kernel has default arguments.
  template <class... A, std::enable_if_t<(sizeof...(A) < sizeof...(P)), int> = 0>
  void operator()(A&&... arguments) const {
    with_defaults(std::index_sequence_for<A...>(), std::forward<A>(arguments)...);
  }

 private:
  template <size_t... I, class... A>
  void with_defaults(std::index_sequence<I...>, A&&... arguments) const {
    void (*const unknown)(std::tuple_element_t<I, std::tuple<P...>>...) = nullptr;
    submit<Call, std::tuple_element_t<I, std::tuple<P...>>...>(
        site, configuration, reinterpret_cast<const void*>(kernel), unknown, call,
        std::forward<A>(arguments)...);
  }
};

// Launches whichever kernel the arguments choose.
template <class Find, class Call>
struct DeducedLauncher {
  LaunchSite site;
  Configuration configuration;
  Find find;
  Call call;

  template <class... A>
  void operator()(A... arguments) const {
    void (*kernel)(A...) = nullptr;
    if constexpr (std::is_invocable<Find, Signature<A...>>::value) kernel = find(Signature<A...>{});
    submit<Call, A...>(site, configuration, reinterpret_cast<const void*>(kernel), kernel, call,
                       std::move(arguments)...);
  }
};

template <class Call, class... P>
KernelLauncher<Call, P...> launcher(const LaunchSite& site, const Configuration& configuration,
                                    void (*kernel)(P...), Call call) {
  return KernelLauncher<Call, P...>{site, configuration, kernel, call};
}

template <class Find, class Call>
auto launch(LaunchSite site, Find find, Call call, const Configuration& configuration) {
  if constexpr (std::is_invocable<Find, AnySignature>::value) {
    return launcher(site, configuration, find(AnySignature{}), call);
  } else {
    return DeducedLauncher<Find, Call>{site, configuration, find, call};
  }
}

}  // namespace simt
