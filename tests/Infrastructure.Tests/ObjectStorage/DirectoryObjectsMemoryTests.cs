using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>What is allocated can only be counted for the whole process: so nothing else may run.</summary>
[CollectionDefinition(nameof(DirectoryObjectsMemoryTests), DisableParallelization = true)]
[Collection(nameof(DirectoryObjectsMemoryTests))]
public sealed class DirectoryObjectsMemoryTests
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_object()
    {
        const long size = 200L << 20;
        var directory = Directory.CreateTempSubdirectory("objects-").FullName;
        using var objects = new DirectoryObjects(directory);
        var before = GC.GetTotalAllocatedBytes();
        var key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));

        var put = await objects.Put(key, new Zeros(size), TestContext.Current.CancellationToken);

        Assert.Equal(size, put.SizeBytes);
        var allocated = GC.GetTotalAllocatedBytes() - before;
        Directory.Delete(directory, recursive: true);
        Assert.InRange(allocated, 0, size / 8);
    }

    private sealed class Zeros(long size) : OneWayStream
    {
        private long left = size;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var piece = (int)Math.Min(left, buffer.Length);
            left -= piece;
            return ValueTask.FromResult(piece);
        }
    }
}
