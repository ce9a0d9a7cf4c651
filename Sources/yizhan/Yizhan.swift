import ArgumentParser

/// The technician's command.
@main
struct Yizhan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yizhan",
    abstract: say("驿站技术员工具：查看、检查、诊断。", "The technician's tool for a Yizhan station."),
    discussion: say(
      """
      例子：
        yizhan status                    现在怎么样
        yizhan watch                     边操作边看：按钮、秤、机器
        yizhan devices                   插了什么，认出了什么
        yizhan scale read --watch        看重量
        yizhan machine status            封口机或打包机怎样
        yizhan panel test                一盏一盏试灯
        yizhan gpio list                 有哪些接线，谁在用
        yizhan panel learn               按一下按钮，看它接在哪根线
        yizhan capture scale             秤发来的字节
        yizhan decode --list             能读哪些协议
        yizhan modbus read inputs 0 8 --board relays   继电器板的输入
        yizhan profile check 型号.yaml    检查型号文件，重放样本
        yizhan config check              重启前检查配置
        yizhan ledger tail -n 5          最近五条记录
        yizhan ledger stats              每天多少件
        yizhan ledger verify             账本缺没缺、改没改
        yizhan sync status               传到县里没有
        yizhan enroll                    向县里登记本机

      退出码：0 正常；1 发现问题；3 连不上驿站程序；4 没有权限；64 命令写错。
      语言随 LC_ALL、LC_MESSAGES、LANG（zh* 为中文）。
      补全：yizhan --generate-completion-script bash > /etc/bash_completion.d/yizhan
      """,
      """
      Examples:
        yizhan status                    how the station fares
        yizhan watch                     buttons, scale and machine while you try them
        yizhan devices                   what is plugged in and what it was taken for
        yizhan scale read --watch        the weight, as it changes
        yizhan machine status            the sealing or strapping machine
        yizhan panel test                look at one lamp after another
        yizhan gpio list                 the lines of the box, and who has them
        yizhan panel learn               press a button, and see which line it is
        yizhan capture scale             the bytes that the scale sends
        yizhan decode --list             the protocols that can be read
        yizhan modbus read inputs 0 8 --board relays   the inputs of a relay board
        yizhan profile check mine.yaml   check a model's file, and replay its samples
        yizhan config check              check the config before a restart
        yizhan ledger tail -n 5          the last five records
        yizhan ledger stats              how many parcels a day
        yizhan ledger verify             whether the record is whole and unaltered
        yizhan sync status               whether the county has everything
        yizhan enroll                    the key to register at the county

      Exit codes: 0 fine; 1 trouble found; 3 daemon not reachable; 4 no permission; 64 wrong usage.
      Language by LC_ALL, LC_MESSAGES, LANG (zh* is Chinese).
      Completion: yizhan --generate-completion-script bash > /etc/bash_completion.d/yizhan
      """
    ),
    subcommands: [
      StatusCommand.self, WatchCommand.self, DevicesCommand.self, ScaleCommand.self,
      PanelCommand.self, MachineCommand.self, GPIOCommand.self,
      CaptureCommand.self, DecodeCommand.self, ModbusCommand.self, ProfileCommand.self,
      ConfigCommand.self,
      LedgerCommand.self, SyncCommand.self, EnrolCommand.self,
    ]
  )
}
