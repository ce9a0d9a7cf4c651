import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request does not arrive in time.
///
/// A sender who drips one byte after the other is never idle, so an idle time-out alone would let
/// him hold one of the few connections for ever. The body has its own deadline, with an answer.
final class HeadDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  /// How long a kept connection may rest between two requests.
  static let rest = TimeAmount.seconds(120)

  private let patience: TimeAmount
  private var deadline: Scheduled<Void>?

  init(_ patience: TimeAmount) { self.patience = patience }

  func handlerAdded(context: ChannelHandlerContext) { wait(patience, context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      deadline?.cancel()
      deadline = nil
    case .body: break
    // A kept connection may rest before the next head, but not for ever in the middle of it.
    case .end: wait(patience + Self.rest, context)
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }

  private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    let channel = context.channel
    deadline?.cancel()
    deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }
}
