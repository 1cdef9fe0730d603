@main
struct Concordat {
    static func main() {}
}
