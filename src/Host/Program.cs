using EventFiles.Features.Accounts;
using EventFiles.Features.Audit;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Operate;
using EventFiles.Features.Process;
using EventFiles.Features.Quota;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using EventFiles.Host;
using EventFiles.Host.Commands;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Security;

// The same program again, small and caged: it decodes pictures for the server and dies with it.
if (args is ["child", "pictures"])
    return PictureChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());

var product = new Product(
    Slices: new Slices([
        AccountsSlice.Define(),
        FoldersSlice.Define(),
        UploadSlice.Define(),
        FilesSlice.Define(),
        ProcessSlice.Define(),
        ShareSlice.Define(),
        DeleteSlice.Define(),
        QuotaSlice.Define(),
        AuditSlice.Define(),
        OperateSlice.Define(),
    ]),
    Adapters: (services, settings) => services
        .AddPipeline()
        .AddIdempotency()
        .AddEventStore(settings.ConnectionString)
        .AddMemoryReadModels()
        .AddPast()
        .AddLag()
        .AddInProcessMessaging()
        .AddDirectoryObjects(settings.ObjectsFolder)
        .AddChildren(ChildOptions.OfThisProgram("child", "pictures"))
        .AddSecurity(settings.KeysFolder));

return await CommandLine.Run(product, args);
