package import Domain

/// What the panel says to the worker: the one table of lamps and beeps (灯语表).
///
/// Place and rhythm carry the meaning; the README prints this table and a test compares the two.
package enum Meaning: String, Hashable, Sendable, CaseIterable {
  case starting
  case idle
  case buttonStuck = "button-stuck"
  case scanFirst = "scan-first"
  case askCarrier = "ask-carrier"
  case scannedBefore = "scanned-before"
  case scanAgain = "scan-again"
  case clearScale = "clear-scale"
  case weighing
  case tooLight = "too-light"
  case tooHeavy = "too-heavy"
  case offWeight = "off-weight"
  case readyToPrint = "ready-to-print"
  case printing
  case readyToSeal = "ready-to-seal"
  case sealing
  case saving
  case done
  case scaleTrouble = "scale-trouble"
  case scannerTrouble = "scanner-trouble"
  case printerTrouble = "printer-trouble"
  case guardOpen = "guard-open"
  case machineWarming = "machine-warming"
  case noMaterial = "no-material"
  case machineTrouble = "machine-trouble"
  case askLabel = "ask-label"
  case askSeal = "ask-seal"
  case emergencyStop = "emergency-stop"
  case resetNeeded = "reset-needed"
  case cannotSave = "cannot-save"
  case noLedger = "no-ledger"
  case stopping

  /// One row of the table.
  package struct Row: Hashable, Sendable {
    package var green: Rhythm
    package var amber: Rhythm
    package var red: Rhythm
    /// Sounded once, when the meaning begins.
    package var beep: Beep
    package var text: Text
  }

  /// Whether its beeps are heard at night too: somebody may be hurt, or work be lost.
  package var isAlarm: Bool {
    switch self {
    case .emergencyStop, .guardOpen, .cannotSave, .noLedger: true
    case .starting, .idle, .buttonStuck, .scanFirst, .askCarrier, .scannedBefore, .scanAgain,
      .clearScale, .weighing, .tooLight, .tooHeavy, .offWeight, .readyToPrint, .printing,
      .machineWarming, .readyToSeal, .sealing, .saving, .done, .scaleTrouble, .scannerTrouble,
      .printerTrouble, .noMaterial, .machineTrouble, .askLabel, .askSeal, .resetNeeded, .stopping:
      false
    }
  }

  package var row: Row {
    switch self {
    case .starting:
      Row(.off, .on, .on, .none, "正在启动", "starting up")
    case .idle:
      Row(.wink, .off, .off, .none, "待机：请放包裹", "ready: put a parcel on the scale")
    case .buttonStuck:
      Row(
        .wink,
        .double,
        .off,
        .double,
        "有按钮卡住（按着不放）：请松开或检查，其余照常",
        "a button is stuck: let it go or check it; the others work"
      )
    case .scanFirst:
      Row(.double, .off, .off, .none, "请扫运单条码", "scan the waybill")
    case .askCarrier:
      Row(
        .double,
        .on,
        .off,
        .double,
        "分不清快递公司：扫公司卡，确认=不指定，取消=重扫",
        "which courier? scan its card; GO = none named, CANCEL = scan anew"
      )
    case .scannedBefore:
      Row(.off, .double, .double, .triple, "此单已扫过，不再收", "scanned before: not taken again")
    case .scanAgain:
      Row(.double, .slow, .off, .double, "没扫好或不是运单，请重扫", "not a waybill, or misread: scan again")
    case .clearScale:
      Row(.off, .double, .off, .none, "请清空秤盘，等待归零", "clear the scale and let it return to zero")
    case .weighing:
      Row(.off, .slow, .off, .none, "称重中，请勿触碰", "weighing, hands off")
    case .tooLight:
      Row(.off, .double, .slow, .none, "重量太轻", "lighter than the least weight")
    case .tooHeavy:
      Row(.off, .fast, .slow, .triple, "超重，请取下", "overweight, take it off")
    case .offWeight:
      Row(.off, .double, .fast, .double, "重量与应有的不符，请核对", "not the weight it must have: check it")
    case .readyToPrint:
      Row(.slow, .off, .off, .short, "重量已稳定：按确认出单", "weight is stable: press GO to print")
    case .printing:
      Row(.slow, .slow, .off, .none, "正在出单", "printing the label")
    case .readyToSeal:
      Row(
        .fast,
        .off,
        .off,
        .short,
        "贴单、放好：按确认封口或打包",
        "label on, parcel in: press GO to seal or strap"
      )
    case .sealing:
      Row(.fast, .slow, .off, .none, "正在封口或打包", "sealing or strapping")
    case .saving:
      Row(.off, .fast, .off, .none, "正在保存", "saving")
    case .done:
      Row(.on, .off, .off, .long, "完成，已存盘", "done, on disk")
    case .scaleTrouble:
      Row(
        .off,
        .off,
        .double,
        .triple,
        "秤无数据：查电源和数据线",
        "no weight: check the scale's power and cable"
      )
    case .scannerTrouble:
      Row(.off, .off, .slow, .triple, "扫码枪无连接：查数据线", "no scanner: check its cable")
    case .printerTrouble:
      Row(
        .off,
        .on,
        .slow,
        .triple,
        "打印机：查纸、盖、线，再按确认",
        "printer: check paper, cover, cable; then GO"
      )
    case .guardOpen:
      Row(.off, .slow, .fast, .triple, "护罩打开：请关好", "the guard is open: close it")
    case .machineWarming:
      Row(.wink, .slow, .off, .none, "机器预热中，请稍等", "the machine warms up: wait")
    case .noMaterial:
      Row(
        .off,
        .double,
        .on,
        .triple,
        "膜、带或胶带用完：请换上",
        "film, strap or tape has run out: put in more"
      )
    case .machineTrouble:
      Row(
        .off,
        .slow,
        .slow,
        .triple,
        "机器未就绪或故障，确认=让它复位",
        "the machine is not ready, or has a fault; GO = its own reset"
      )
    case .askLabel:
      Row(
        .off,
        .on,
        .off,
        .double,
        "面单出来了吗？确认=已出，再来=补打，取消=作废",
        "did the label come out? GO = yes, AGAIN = reprint, CANCEL = void"
      )
    case .askSeal:
      Row(
        .off,
        .on,
        .double,
        .double,
        "封好或打好了吗？确认=是，再来=重做，取消=作废",
        "is it sealed or strapped? GO = yes, AGAIN = once more, CANCEL = void"
      )
    case .emergencyStop:
      Row(.off, .off, .on, .triple, "急停按下", "emergency stop is pressed")
    case .resetNeeded:
      Row(
        .off,
        .fast,
        .on,
        .double,
        "停机原因已排除：按取消复位",
        "what stopped it is over: press CANCEL to reset"
      )
    case .cannotSave:
      Row(
        .off,
        .fast,
        .fast,
        .triple,
        "无法存盘：停止作业，叫技术员",
        "cannot save: stop work, call the technician"
      )
    case .noLedger:
      Row(
        .off,
        .on,
        .fast,
        .triple,
        "账本打不开或磁盘写不进：不能作业，叫技术员；好了自动开始",
        "no ledger, or a disk that takes no writes: no work, call the technician; starts by itself"
      )
    case .stopping:
      Row(.off, .off, .off, .none, "已停机", "stopped")
    }
  }
}

extension Meaning.Row {
  fileprivate init(
    _ green: Rhythm,
    _ amber: Rhythm,
    _ red: Rhythm,
    _ beep: Beep,
    _ zh: String,
    _ en: String
  ) {
    self.init(green: green, amber: amber, red: red, beep: beep, text: Text(zh: zh, en: en))
  }
}
