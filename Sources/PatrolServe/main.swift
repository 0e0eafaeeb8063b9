import CServe

private func main() -> Int32 {
    var count: Int32 = 0
    let arguments = serve_arguments(&count)
    return run(UnsafeBufferPointer(start: arguments, count: Int(count)))
}

serve_exit(main())
