def modern(model):
    return model
