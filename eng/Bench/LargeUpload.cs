using System.Globalization;
using System.Text;

namespace EventFiles.Bench;

/// <summary>One upload of 100 MiB after the other.</summary>
internal static class LargeUpload
{
    private const int PieceBytes = 1 << 20;
    private const int Pieces = 100;

    // The disk fills fast: by count, not by time.
    private const int UploadsPerTurn = 2;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var (limit, product) = (await arena.Limit(cancel), await arena.Product(cancel));
        var token = (await Uploads.SignUp(product.Address, 1, cancel))[0];
        return new Prepared(
            new Contest(
                "MiB/s",
                [
                    await Sending("limit program", limit, "/large", token, cancel),
                    await Sending("product", product, "/api/upload", token, cancel),
                ],
                // 0.55 of nginx, which neither hashes nor flushes, is 0.8 of a program that does both.
                [new Goal("upload of 100 MiB", "product", "limit program", 0.8)]),
            _ => Task.CompletedTask);
    }

    /// <summary>Sends such uploads, one after the other.</summary>
    public static async Task<Contestant> Sending(string name, Launched server, string path, string token, CancellationToken cancel)
    {
        var piece = new byte[PieceBytes];
        Random.Shared.NextBytes(piece);
        const string Boundary = "7MA4YWxkTrZu0gW";
        var before = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n";
        var after = $"\r\n--{Boundary}--\r\n";
        var wire = await Wire.Connect(server.Address, cancel);
        var head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            + $"Content-Type: multipart/form-data; boundary={Boundary}\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {before.Length + (long)Pieces * PieceBytes + after.Length}\r\n\r\n{before}"));
        var tail = Encoding.ASCII.GetBytes(after);
        return new Contestant(name, async (_, stop) =>
        {
            for (var upload = 0; upload < UploadsPerTurn; upload++)
            {
                await wire.Write(head, stop);
                for (var sent = 0; sent < Pieces; sent++)
                    await wire.Write(piece, stop);
                await wire.Write(tail, stop);
                (await wire.Receive(stop)).OrFail();
            }

            return UploadsPerTurn * Pieces;
        })
        {
            Processes = [server.Id],
        };
    }
}
