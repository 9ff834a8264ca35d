using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Security.Cryptography;
using EventFiles.Features.Zip;

namespace EventFiles.Features.Tests.Zip;

public sealed class ZipStreamTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 1, TimeSpan.Zero);

    private readonly Dictionary<FileId, byte[]> contents = [];
    private readonly List<ZipEntry> entries = [];
    private int opened;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_reader_finds_every_file_and_folder()
    {
        Folder("Top/");
        Folder("Top/Empty/");
        File("Top/empty.txt", []);
        File("Top/one.txt", "1"u8.ToArray());
        foreach (var size in new[] { 65_534, 65_535, 65_536, 131_070, 131_071, 400_000 })
            File($"Top/{size}.bin", RandomNumberGenerator.GetBytes(size));

        await using var stream = Open();
        await using var zip = await ZipArchive.CreateAsync(await Buffered(stream), ZipArchiveMode.Read, false, null, Cancel);

        Assert.Equal(entries.Select(entry => entry.Path), zip.Entries.Select(entry => entry.FullName));
        foreach (var (entry, found) in entries.Zip(zip.Entries))
        {
            Assert.Equal(entry.SizeBytes, found.Length);
            Assert.Equal(Noon.UtcDateTime.AddSeconds(-1), found.LastWriteTime.DateTime);
            if (entry.File is not { } file)
                continue;
            await using var content = await found.OpenAsync(Cancel);
            Assert.Equal(contents[file], await All(content));
        }
    }

    [Fact]
    public async Task Any_part_is_that_part_of_the_whole_whatever_was_read_before()
    {
        Folder("Ärger/");
        File("Ärger/履歴書.txt", RandomNumberGenerator.GetBytes(70_000));
        File("b", RandomNumberGenerator.GetBytes(3));
        File("c", []);
        var whole = await All(Open());
        Assert.Equal(Open().Length, whole.Length);
        var chance = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var from = round < whole.Length ? chance.Next(whole.Length) : 0;
            var bytes = new byte[1 + chance.Next(Math.Min(whole.Length - from, round % 2 == 0 ? 40 : 70_000))];
            // Another server, which knows no checksum yet.
            await using var part = Open();
            part.Seek(from, SeekOrigin.Begin);
            await part.ReadExactlyAsync(bytes, Cancel);
            Assert.Equal(whole[from..(from + bytes.Length)], bytes);
        }
    }

    [Fact]
    public async Task Who_reads_it_through_opens_every_file_once()
    {
        for (var number = 0; number < 20; number++)
            File($"{number}", RandomNumberGenerator.GetBytes(1000));
        await All(Open());
        Assert.Equal(20, opened);
    }

    [Fact]
    public async Task A_file_that_is_shorter_than_it_was_is_an_error_and_never_an_early_end()
    {
        File("a", new byte[100_000]);
        contents[entries[0].File!.Value] = new byte[99_999];
        await Assert.ThrowsAsync<IOException>(() => All(Open()));
    }

    [Fact]
    public async Task What_is_larger_than_four_gigabytes_is_found_and_so_is_what_stands_behind_it()
    {
        const long size = 5L << 30;
        // So large that a reader who looks for the directory from the end does not come into what is in front of it.
        var behind = RandomNumberGenerator.GetBytes(100_000);
        File("behind", behind);
        entries.Insert(0, new ZipEntry("huge", new FileId(Guid.NewGuid()), 1, size, Noon));
        var checks = new ZipChecks();
        checks.Note(entries[0], 0x12345678);

        await using var stream = Open(checks);
        Assert.True(stream.Length > size);
        // The directory is read at the end of the archive: none of the five gigabytes.
        var plan = new ZipPlan(entries);
        var row = await Part(stream, plan.Layout.RowOf(0), plan.Layout.EndStart - plan.Layout.DirectoryStart);
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], row[20..28]);
        await using var zip = await ZipArchive.CreateAsync(new WaitedFor(stream), ZipArchiveMode.Read, false, null, Cancel);
        Assert.Equal(size, zip.Entries[0].Length);
        Assert.Equal(0x12345678u, zip.Entries[0].Crc32);
        await using var content = await zip.Entries[1].OpenAsync(Cancel);
        Assert.Equal(behind, await All(content));
    }

    [Fact]
    public async Task Seventy_thousand_entries_are_counted()
    {
        for (var number = 0; number < 70_000; number++)
            Folder($"{number}/");
        await using var zip = await ZipArchive.CreateAsync(await Buffered(Open()), ZipArchiveMode.Read, false, null, Cancel);
        Assert.Equal(70_000, zip.Entries.Count);
    }

    [Fact]
    public void The_tag_changes_with_the_contents_and_with_nothing_else()
    {
        File("a", [1]);
        var tag = new ZipPlan(entries).ETag();
        Assert.Equal(tag, new ZipPlan([.. entries]).ETag());
        Assert.NotEqual(tag, new ZipPlan([entries[0] with { Version = 2 }]).ETag());
        Assert.NotEqual(tag, new ZipPlan([entries[0] with { Path = "b" }]).ETag());
        Assert.NotEqual(tag, new ZipPlan([entries[0] with { ModifiedAt = Noon.AddSeconds(1) }]).ETag());
    }

    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xE8B7BE43u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void The_checksum_is_the_one_that_all_use(string text, uint sum)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(sum, Crc32.Append(0, bytes));
        Assert.Equal(sum, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, bytes.Length / 3)), bytes.AsSpan(bytes.Length / 3)));
    }

    private static async Task<byte[]> All(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Cancel);
        await stream.DisposeAsync();
        return all.ToArray();
    }

    private static async Task<MemoryStream> Buffered(Stream stream) => new(await All(stream));

    private static async Task<byte[]> Part(Stream stream, long from, long count)
    {
        stream.Seek(from, SeekOrigin.Begin);
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Cancel);
        return bytes;
    }

    private ZipStream Open(ZipChecks? checks = null) => new(new ZipPlan(entries), checks ?? new ZipChecks(), (entry, _) =>
    {
        opened++;
        return ValueTask.FromResult<Stream>(new MemoryStream(contents[entry.File!.Value]));
    });

    private void Folder(string path) => entries.Add(new ZipEntry(path, null, 0, 0, Noon));

    private void File(string path, byte[] content)
    {
        var file = new FileId(Guid.NewGuid());
        contents.Add(file, content);
        entries.Add(new ZipEntry(path, file, 1, content.Length, Noon));
    }

    // The platform's reader asks for the directory without awaiting it; a reply never does that.
    private sealed class WaitedFor(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        [SuppressMessage("Usage", "VSTHRD002", Justification = "Who reads a stream without await wants to be blocked.")]
        public override int Read(byte[] buffer, int offset, int count) =>
            inner.ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
